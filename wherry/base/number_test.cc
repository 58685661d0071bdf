// SPDX-License-Identifier: MIT
#include "wherry/base/number.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdio>
#include <span>
#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/base/number_vectors.h"

namespace wherry {
namespace {

static_assert(hex32(0) == "0x00000000");
static_assert(hex32(0xDEADBEEF) == "0xdeadbeef");

TEST(Number, ReadsDecimals) {
  for (const NumberVector& row : kDecimalVectors) {
    const GuardedText text(row.text);
    const auto result = parse_decimal(text.view());
    ASSERT_TRUE(result.has_value()) << row.text;
    EXPECT_EQ(*result, row.value) << row.text;
  }
}

TEST(Number, ReadsHexadecimalsOfBothCases) {
  for (const NumberVector& row : kHexVectors) {
    const GuardedText text(row.text);
    const auto result = parse_hex(text.view());
    ASSERT_TRUE(result.has_value()) << row.text;
    EXPECT_EQ(*result, row.value) << row.text;
  }
}

TEST(Number, RefusesAllButDecimalDigits) {
  for (const std::string_view text : kRefusedDecimalVectors) {
    EXPECT_EQ(error_of(parse_decimal(text)), Error::bad_request) << text;
  }
}

TEST(Number, RefusesAllButHexadecimalDigits) {
  for (const std::string_view text : kRefusedHexVectors) {
    EXPECT_EQ(error_of(parse_hex(text)), Error::bad_request) << text;
  }
}

TEST(Number, WritesEightHexadecimalDigits) {
  for (const Hex32Vector& row : kHex32Vectors) EXPECT_EQ(hex32(row.value), row.text);
}

TEST(Number, ReadsACrcWithAndWithoutItsPrefix) {
  for (const std::span<const Hex32Vector> rows :
       {std::span<const Hex32Vector>(kHex32Vectors),
        std::span<const Hex32Vector>(kReadHex32Vectors)}) {
    for (const Hex32Vector& row : rows) {
      const GuardedText text(row.text);
      const auto value = parse_hex32(text.view());
      ASSERT_TRUE(value.has_value()) << row.text;
      EXPECT_EQ(*value, row.value) << row.text;
    }
  }
  for (const std::string_view row : kRefusedHex32Vectors) {
    const GuardedText text(row);
    EXPECT_EQ(error_of(parse_hex32(text.view())), Error::bad_request) << row;
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
