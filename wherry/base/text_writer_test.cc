// SPDX-License-Identifier: MIT
#include "wherry/base/text_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include "wherry/base/guard_page_for_test.h"

namespace wherry {
namespace {

constexpr bool works_at_compile_time() {
  char memory[8]{};
  TextWriter writer(memory);
  writer.append("a=").append_decimal(-12).append(';').append_hex(0xAB);
  return writer.view() == "a=-12;ab" && !writer.overflowed() && writer.room() == 0;
}
static_assert(works_at_compile_time());

template <class Integer>
std::string decimal(Integer value, std::size_t minimum_digits = 1) {
  char memory[32];
  TextWriter writer(memory);
  writer.append_decimal(value, minimum_digits);
  EXPECT_FALSE(writer.overflowed());
  return std::string(writer.view());
}

std::string hexadecimal(std::uint64_t value, std::size_t minimum_digits = 1) {
  char memory[32];
  TextWriter writer(memory);
  writer.append_hex(value, minimum_digits);
  EXPECT_FALSE(writer.overflowed());
  return std::string(writer.view());
}

TEST(TextWriter, FillsItsMemoryToTheLastByteAndNoFurther) {
  GuardedText memory(5);
  TextWriter writer(memory.span());
  writer.append("abc").append('d').append("e");
  EXPECT_EQ(writer.view(), "abcde");
  EXPECT_EQ(writer.room(), 0u);
  EXPECT_FALSE(writer.overflowed());
  writer.append("");
  EXPECT_FALSE(writer.overflowed()) << "nothing always fits";
  writer.append('f');
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.view(), "abcde");
}

TEST(TextWriter, AfterAnOverflowNothingGoesInAnyMore) {
  char memory[5];
  TextWriter writer(memory);
  writer.append("abc");
  EXPECT_EQ(writer.room(), 2u);
  writer.append("def");
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.room(), 0u);
  writer.append('g').append("").append_decimal(1).append_hex(1);
  EXPECT_EQ(writer.view(), "abc") << "a prefix of what was meant, without holes";
  EXPECT_TRUE(writer.overflowed());
}

TEST(TextWriter, ANumberIsNeverCut) {
  char memory[3];
  TextWriter writer(memory);
  writer.append_decimal(-123);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.size(), 0u);
}

TEST(TextWriter, StartsAgainAfterClear) {
  char memory[2];
  TextWriter writer(memory);
  writer.append("abc");
  writer.clear();
  EXPECT_FALSE(writer.overflowed());
  EXPECT_EQ(writer.room(), 2u);
  writer.append("xy");
  EXPECT_EQ(writer.view(), "xy");
}

TEST(TextWriter, WritesIntoBytesToo) {
  std::array<std::byte, 4> memory{};
  TextWriter writer{MutableBytes(memory)};
  writer.append("wxyz");
  EXPECT_EQ(as_text(memory), "wxyz");
}

TEST(TextWriter, WithoutMemoryOverflowsAtTheFirstByte) {
  TextWriter writer{std::span<char>()};
  writer.append("");
  EXPECT_FALSE(writer.overflowed());
  writer.append('a');
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.view(), "");
}

TEST(TextWriter, WritesDecimalsOfEveryWidthAndSign) {
  EXPECT_EQ(decimal(0), "0");
  EXPECT_EQ(decimal(-1), "-1");
  EXPECT_EQ(decimal(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(decimal(std::numeric_limits<std::int8_t>::min()), "-128");
  EXPECT_EQ(decimal(std::uint8_t{255}), "255");
  EXPECT_EQ(decimal(std::size_t{42}), "42");
}

TEST(TextWriter, DecimalsAgreeWithPrintfAroundEachPowerOfTen) {
  std::uint64_t power = 1;
  for (int digits = 1; digits <= 20; ++digits, power *= 10) {
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      char expected[32];
      std::snprintf(expected, sizeof(expected), "%" PRIu64, value);
      EXPECT_EQ(decimal(value), expected);
      std::snprintf(expected, sizeof(expected), "%" PRIx64, value);
      EXPECT_EQ(hexadecimal(value), expected);
    }
  }
}

TEST(TextWriter, FillsNumbersWithZeros) {
  EXPECT_EQ(decimal(7, 2), "07");
  EXPECT_EQ(decimal(123, 2), "123");
  EXPECT_EQ(decimal(-7, 3), "-007");
  EXPECT_EQ(decimal(0, 4), "0000");
  EXPECT_EQ(decimal(0, 0), "0") << "a number has a digit";
  EXPECT_EQ(decimal(-1, 20), "-00000000000000000001");
  EXPECT_EQ(decimal(1, 1000), "00000000000000000001") << "20 is the most";
  EXPECT_EQ(hexadecimal(0xABC, 8), "00000abc");
  EXPECT_EQ(hexadecimal(0), "0");
  EXPECT_EQ(hexadecimal(UINT64_MAX, 8), "ffffffffffffffff");
}

TEST(TextWriter, SomeoneElseMayWriteOn) {
  std::array<char, 6> memory;
  TextWriter writer(memory);
  writer.append("ab");
  EXPECT_EQ(writer.free().size(), 4u);
  writer.free()[0] = 'c';
  writer.filled(1);
  writer.append('d');
  EXPECT_EQ(writer.view(), "abcd");
  writer.filled(3);
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.view(), "abcd");
  EXPECT_TRUE(writer.free().empty());
}

}  // namespace
}  // namespace wherry
