// SPDX-License-Identifier: MIT
#include "wherry/http/status.h"

#include <gtest/gtest.h>

#include "wherry/base/error.h"

namespace wherry::http {
namespace {

TEST(Status, PhrasesAreThoseOfTheRegistry) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(206), "Partial Content");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(414), "URI Too Long");
  EXPECT_EQ(reason_phrase(416), "Range Not Satisfiable");
  EXPECT_EQ(reason_phrase(507), "Insufficient Storage");
}

TEST(Status, AnUnregisteredCodeHasNoPhrase) {
  for (const int status : {0, 99, 199, 299, 306, 418, 499, 599, 999}) {
    EXPECT_EQ(reason_phrase(static_cast<std::uint16_t>(status)), "") << status;
  }
}

TEST(Status, EveryErrorThatIsSentHasAPhrase) {
  for (int i = 0; i < static_cast<int>(Error::count_); ++i) {
    const ErrorInfo& info = describe(static_cast<Error>(i));
    if (info.status == 0) continue;
    EXPECT_FALSE(reason_phrase(info.status).empty()) << info.status;
  }
}

}  // namespace
}  // namespace wherry::http
