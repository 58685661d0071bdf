// SPDX-License-Identifier: MIT
#include "wherry/http/range.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/range_vectors.h"

namespace wherry::http {
namespace {

// As RangeVector says.
std::string written(const RangeSelection& selection) {
  if (selection.kind == RangeSelection::Kind::whole) return "whole";
  if (selection.kind == RangeSelection::Kind::unsatisfiable) return "unsatisfiable";
  std::string text;
  for (const ByteRange& range : selection.ranges) {
    text += (text.empty() ? "" : ",") + std::to_string(range.first);
    text += "+" + std::to_string(range.size);
  }
  return text;
}

class Range : public testing::TestWithParam<RangeVector> {};

TEST_P(Range, SelectsWhatWasAskedFor) {
  const GuardedText value(GetParam().value);
  std::array<ByteRange, kMaxRanges> into;
  const auto room = std::span(into).first(ranges_in(value.view()));
  EXPECT_EQ(written(select_ranges(value.view(), GetParam().size, room)), GetParam().expected)
      << GetParam().value;
}

INSTANTIATE_TEST_SUITE_P(Satisfiable, Range, testing::ValuesIn(kSatisfiableRangeVectors));

INSTANTIATE_TEST_SUITE_P(Unsatisfiable, Range, testing::ValuesIn(kUnsatisfiableRangeVectors));

INSTANTIATE_TEST_SUITE_P(Ignored, Range, testing::ValuesIn(kIgnoredRangeVectors));

INSTANTIATE_TEST_SUITE_P(Several, Range, testing::ValuesIn(kSeveralRangeVectors));

TEST(Ranges, WithRoomForOneSeveralAreIgnoredUnlessTheyAreOne) {
  std::array<ByteRange, 1> one;
  EXPECT_EQ(written(select_ranges("bytes=0-1,5-6", 1000, one)), "whole");
  EXPECT_EQ(written(select_ranges("bytes=0-1,2-6", 1000, one)), "0+7");
}

// The definition: the union of what was asked for, each byte once.
TEST(Ranges, CoverExactlyTheBytesThatWereAskedFor) {
  constexpr std::size_t kSize = 40;
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string value = "bytes=";
    std::bitset<kSize> wanted;
    for (auto i = random() % 10; i < 10; ++i) {
      const std::size_t first = random() % kSize;
      const std::size_t last = std::min<std::size_t>(first + random() % 6, kSize - 1);
      value += std::to_string(first) + "-" + std::to_string(last) + ",";
      for (std::size_t byte = first; byte <= last; ++byte) wanted.set(byte);
    }
    std::array<ByteRange, kMaxRanges> into;
    const RangeSelection selection = select_ranges(value, kSize, into);
    ASSERT_EQ(selection.kind, RangeSelection::Kind::partial) << value;
    std::bitset<kSize + 1> covered;
    for (const ByteRange& range : selection.ranges) {
      ASSERT_NE(range.size, 0u);
      // Neither twice nor next to another.
      ASSERT_FALSE(range.first > 0 && covered.test(range.first - 1)) << value;
      for (std::size_t i = 0; i <= range.size; ++i) ASSERT_FALSE(covered.test(range.first + i));
      for (std::size_t i = 0; i < range.size; ++i) covered.set(range.first + i);
    }
    ASSERT_EQ(covered.to_string().substr(1), wanted.to_string()) << value;
  }
}

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
