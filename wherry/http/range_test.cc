// SPDX-License-Identifier: MIT
#include "wherry/http/range.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/range_vectors.h"

namespace wherry::http {
namespace {

class Range : public testing::TestWithParam<RangeVector> {};

TEST_P(Range, SelectsWhatWasAskedFor) {
  const GuardedText value(GetParam().value);
  EXPECT_EQ(parse_range(value.view(), GetParam().size), GetParam().expected) << GetParam().value;
}

INSTANTIATE_TEST_SUITE_P(Satisfiable, Range, testing::ValuesIn(kSatisfiableRangeVectors));

INSTANTIATE_TEST_SUITE_P(Unsatisfiable, Range, testing::ValuesIn(kUnsatisfiableRangeVectors));

INSTANTIATE_TEST_SUITE_P(Ignored, Range, testing::ValuesIn(kIgnoredRangeVectors));

TEST(ContentRange, SaysFirstLastAndSize) {
  for (const ContentRangeVector& row : kContentRangeVectors) {
    EXPECT_EQ(content_range(row.range, row.size).view(), row.text);
  }
}

TEST(ContentRange, SaysOnlyTheSizeWhenNothingFits) {
  EXPECT_EQ(unsatisfied_content_range(0).view(), "bytes */0");
  EXPECT_EQ(unsatisfied_content_range(UINT64_MAX).view(), "bytes */18446744073709551615");
}

TEST(ContentRangeDeathTest, ARangeOutsideIsOurBug) {
  EXPECT_DEATH(static_cast<void>(content_range({1, 1000}, 1000)), "");
  EXPECT_DEATH(static_cast<void>(content_range({0, 0}, 1000)), "");
}

}  // namespace
}  // namespace wherry::http
