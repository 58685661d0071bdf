// SPDX-License-Identifier: MIT
#include "wherry/base/number.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <string>

#include "wherry/base/guard_page_for_test.h"

namespace wherry {
namespace {

static_assert(hex32(0) == "0x00000000");
static_assert(hex32(0xDEADBEEF) == "0xdeadbeef");

struct Row {
  std::string_view text;
  std::uint64_t value;
};

TEST(Number, ReadsDecimals) {
  constexpr Row kRows[] = {
      {"0", 0},
      {"9", 9},
      {"10", 10},
      {"007", 7},
      {"00000000000000000000000000000001", 1},
      {"4294967296", 4294967296},
      {"18446744073709551615", UINT64_MAX},
      {"0018446744073709551615", UINT64_MAX},
  };
  for (const Row& row : kRows) {
    const GuardedText text(row.text);
    const auto result = parse_decimal(text.view());
    ASSERT_TRUE(result.has_value()) << row.text;
    EXPECT_EQ(*result, row.value) << row.text;
  }
}

TEST(Number, ReadsHexadecimalsOfBothCases) {
  constexpr Row kRows[] = {
      {"0", 0},
      {"a", 10},
      {"F", 15},
      {"1aB", 0x1AB},
      {"000000000000000000000ff", 255},
      {"ffffffffffffffff", UINT64_MAX},
      {"0FFFFFFFFFFFFFFFF", UINT64_MAX},
  };
  for (const Row& row : kRows) {
    const GuardedText text(row.text);
    const auto result = parse_hex(text.view());
    ASSERT_TRUE(result.has_value()) << row.text;
    EXPECT_EQ(*result, row.value) << row.text;
  }
}

TEST(Number, RefusesAllButDecimalDigits) {
  using namespace std::string_view_literals;
  for (const std::string_view text : {""sv,
                                      " "sv,
                                      "+1"sv,
                                      "-1"sv,
                                      "-0"sv,
                                      " 1"sv,
                                      "1 "sv,
                                      "1,1"sv,
                                      "1.0"sv,
                                      "1e3"sv,
                                      "0x1"sv,
                                      "a"sv,
                                      "1_0"sv,
                                      "1\0"sv,
                                      "\0001"sv,
                                      "/"sv,
                                      ":"sv,
                                      "\xD9\xA1"sv,
                                      "1\r"sv,
                                      "18446744073709551616"sv,
                                      "18446744073709551620"sv,
                                      "99999999999999999999"sv,
                                      "184467440737095516150"sv,
                                      "36893488147419103232"sv,
                                      "340282366920938463463374607431768211456"sv}) {
    EXPECT_EQ(error_of(parse_decimal(text)), Error::bad_request) << text;
  }
}

TEST(Number, RefusesAllButHexadecimalDigits) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "0x1"sv, "0X1"sv, "g"sv, "G"sv, "@"sv, "`"sv, "+a"sv, "-a"sv, " a"sv, "a "sv, "a;"sv,
        "a\0"sv, "10000000000000000"sv, "fffffffffffffffff"sv,
        "100000000000000000000000000000000"sv}) {
    EXPECT_EQ(error_of(parse_hex(text)), Error::bad_request) << text;
  }
}

TEST(Number, ReadsBackWhatPrintfWrites) {
  std::uint64_t value = 1;
  for (int i = 0; i < 1000; ++i) {
    value = value * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t shown = value >> (i % 64);
    char text[32];
    std::snprintf(text, sizeof(text), "%" PRIu64, shown);
    EXPECT_EQ(parse_decimal(text), shown);
    std::snprintf(text, sizeof(text), "%" PRIx64, shown);
    EXPECT_EQ(parse_hex(text), shown);
    std::snprintf(text, sizeof(text), "0x%08" PRIx32, static_cast<std::uint32_t>(shown));
    EXPECT_EQ(hex32(static_cast<std::uint32_t>(shown)).view(), text);
  }
}

}  // namespace
}  // namespace wherry
