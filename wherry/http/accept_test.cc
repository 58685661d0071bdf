// SPDX-License-Identifier: MIT
#include "wherry/http/accept.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/accept_vectors.h"

namespace wherry::http {
namespace {

TEST(Accept, ChoosesTheTypeOfTheHighestWeight) {
  for (const AcceptVector& row : kAcceptVectors) {
    const std::string text = "GET / HTTP/1.1\r\n" + std::string(row.fields) + "\r\n";
    const GuardedText guarded(text);
    const auto head = RequestHead::parse(guarded.view());
    ASSERT_TRUE(head.has_value()) << row.fields;
    const auto chosen = best_media_type(*head, kOfferedTypes);
    EXPECT_EQ(chosen ? static_cast<int>(*chosen) : -1, row.chosen) << row.fields;
  }
}

TEST(Accept, NothingOfNothingIsChosen) {
  const auto head = RequestHead::parse("GET / HTTP/1.1\r\nAccept: */*\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(best_media_type(*head, {}), std::nullopt);
}

}  // namespace
}  // namespace wherry::http
