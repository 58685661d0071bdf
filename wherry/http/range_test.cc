// SPDX-License-Identifier: MIT
#include "wherry/http/range.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string_view>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::http {
namespace {

constexpr std::uint64_t kHuge = UINT64_MAX;

struct Row {
  std::string_view value;
  std::uint64_t size;
  RangeSelection expected;
};

constexpr RangeSelection single(std::uint64_t first, std::uint64_t size) {
  return {RangeSelection::Kind::single, {first, size}};
}
constexpr RangeSelection kWhole{};
constexpr RangeSelection kUnsatisfiable{RangeSelection::Kind::unsatisfiable, {}};

class Range : public testing::TestWithParam<Row> {};

TEST_P(Range, SelectsWhatWasAskedFor) {
  const GuardedText value(GetParam().value);
  EXPECT_EQ(parse_range(value.view(), GetParam().size), GetParam().expected) << GetParam().value;
}

INSTANTIATE_TEST_SUITE_P(
    Satisfiable, Range,
    testing::Values(
        Row{"bytes=0-499", 1000, single(0, 500)}, Row{"bytes=500-999", 1000, single(500, 500)},
        Row{"bytes=999-999", 1000, single(999, 1)}, Row{"bytes=0-0", 1000, single(0, 1)},
        Row{"bytes=990-1000", 1000, single(990, 10)},
        Row{"bytes=990-99999999999999999999999", 1000, single(990, 10)},
        Row{"bytes=500-", 1000, single(500, 500)}, Row{"bytes=0-", 1, single(0, 1)},
        Row{"bytes=-10", 1000, single(990, 10)}, Row{"bytes=-1000", 1000, single(0, 1000)},
        Row{"bytes=-1001", 1000, single(0, 1000)},
        Row{"bytes=-99999999999999999999999", 1000, single(0, 1000)},
        Row{"bytes=0-", kHuge, single(0, kHuge)},
        Row{"bytes=-18446744073709551615", kHuge, single(0, kHuge)},
        Row{"bytes=18446744073709551614-", kHuge, single(kHuge - 1, 1)},
        Row{"bytes=0000000000000000000000001-2", 10, single(1, 2)},
        Row{"Bytes=0-1", 10, single(0, 2)}, Row{"bytes=,, 0-1 ,\t,", 10, single(0, 2)}));

INSTANTIATE_TEST_SUITE_P(
    Unsatisfiable, Range,
    testing::Values(Row{"bytes=1000-", 1000, kUnsatisfiable},
                    Row{"bytes=1000-1000", 1000, kUnsatisfiable},
                    Row{"bytes=99999999999999999999999-", 1000, kUnsatisfiable},
                    Row{"bytes=18446744073709551616-", kHuge, kUnsatisfiable},
                    Row{"bytes=18446744073709551615-", kHuge, kUnsatisfiable},
                    Row{"bytes=-0", 1000, kUnsatisfiable}, Row{"bytes=-0", 0, kUnsatisfiable},
                    Row{"bytes=-5", 0, kUnsatisfiable}, Row{"bytes=0-", 0, kUnsatisfiable},
                    Row{"bytes=0-0", 0, kUnsatisfiable}));

INSTANTIATE_TEST_SUITE_P(
    Ignored, Range,
    testing::Values(Row{"", 1000, kWhole}, Row{"bytes", 1000, kWhole}, Row{"bytes=", 1000, kWhole},
                    Row{"bytes=,", 1000, kWhole}, Row{"bytes=-", 1000, kWhole},
                    Row{"bytes=5", 1000, kWhole}, Row{"bytes=5-4", 1000, kWhole},
                    Row{"bytes=1001-1000", 1000, kWhole}, Row{"bytes=a-b", 1000, kWhole},
                    Row{"bytes=1-2x", 1000, kWhole}, Row{"bytes=x1-2", 1000, kWhole},
                    Row{"bytes=--5", 1000, kWhole}, Row{"bytes=1--5", 1000, kWhole},
                    Row{"bytes=+1-5", 1000, kWhole}, Row{"bytes=0x1-5", 1000, kWhole},
                    Row{"bytes=1 - 5", 1000, kWhole}, Row{"bytes =1-5", 1000, kWhole},
                    Row{" bytes=1-5", 1000, kWhole}, Row{"bytes:1-5", 1000, kWhole},
                    Row{"items=0-5", 1000, kWhole}, Row{"bytesx=0-5", 1000, kWhole},
                    Row{"bytes=0-1,5-6", 1000, kWhole}, Row{"bytes=0-,0-,0-", 1000, kWhole},
                    Row{"bytes=5000-,6000-", 1000, kWhole}, Row{"bytes=0-1,x", 1000, kWhole}));

TEST(ContentRange, SaysFirstLastAndSize) {
  EXPECT_EQ(content_range({0, 100}, 1000).view(), "bytes 0-99/1000");
  EXPECT_EQ(content_range({999, 1}, 1000).view(), "bytes 999-999/1000");
  EXPECT_EQ(content_range({kHuge - 1, 1}, kHuge).view(),
            "bytes 18446744073709551614-18446744073709551614/18446744073709551615");
}

TEST(ContentRange, SaysOnlyTheSizeWhenNothingFits) {
  EXPECT_EQ(unsatisfied_content_range(0).view(), "bytes */0");
  EXPECT_EQ(unsatisfied_content_range(kHuge).view(), "bytes */18446744073709551615");
}

TEST(ContentRangeDeathTest, ARangeOutsideIsOurBug) {
  EXPECT_DEATH(static_cast<void>(content_range({1, 1000}, 1000)), "");
  EXPECT_DEATH(static_cast<void>(content_range({0, 0}, 1000)), "");
}

}  // namespace
}  // namespace wherry::http
