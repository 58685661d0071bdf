// SPDX-License-Identifier: MIT
#include "wherry/base/ascii.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wherry {
namespace {

// All 256 bytes for which `predicate` holds, in order.
template <class Predicate>
std::string all(Predicate predicate) {
  std::string found;
  for (int byte = 0; byte < 256; ++byte) {
    if (predicate(static_cast<char>(byte))) found += static_cast<char>(byte);
  }
  return found;
}

std::vector<std::string_view> split(std::string_view list, char separator) {
  std::vector<std::string_view> items;
  while (!list.empty()) items.push_back(split_next(list, separator));
  return items;
}

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";

TEST(Ascii, ClassesHoldExactlyTheirCharacters) {
  EXPECT_EQ(all(is_digit), kDigits);
  EXPECT_EQ(all(is_alpha), std::string(kUpper) + std::string(kLower));
  EXPECT_EQ(all(is_hex_digit), "0123456789ABCDEFabcdef");
  // RFC 9110 §5.6.2, in the order of their codes.
  EXPECT_EQ(all(is_token_char), "!#$%&'*+-." + std::string(kDigits) + std::string(kUpper) + "^_`" +
                                    std::string(kLower) + "|~");
}

TEST(Ascii, ControlsAreTheFirst32AndDelete) {
  std::string expected;
  for (char c = 0; c < 0x20; ++c) expected += c;
  expected += '\x7F';
  EXPECT_EQ(all(is_control), expected);
}

TEST(Ascii, ATokenHasACharacterAndOnlyTokenCharacters) {
  EXPECT_TRUE(is_token("a"));
  EXPECT_TRUE(is_token("Content-Type"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("a b"));
  EXPECT_FALSE(is_token("a:"));
  EXPECT_FALSE(is_token(std::string_view("a\0", 2)));
  EXPECT_FALSE(is_token("\xC3\xA9"));
}

TEST(Ascii, HexDigitsHaveTheirValues) {
  for (int value = 0; value < 16; ++value) {
    EXPECT_EQ(hex_digit_value("0123456789abcdef"[value]), value);
    EXPECT_EQ(hex_digit_value("0123456789ABCDEF"[value]), value);
  }
  EXPECT_EQ(hex_digit_value('g'), -1);
  EXPECT_EQ(hex_digit_value('\0'), -1);
}

TEST(Ascii, OnlyLettersHaveALowerCase) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::size_t letter = kUpper.find(c);
    EXPECT_EQ(to_lower(c), letter == std::string_view::npos ? c : kLower[letter]);
  }
}

TEST(Ascii, ComparesLettersOfBothCasesAndNothingElse) {
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_TRUE(equals_ignoring_case("Content-LENGTH", "content-length"));
  EXPECT_FALSE(equals_ignoring_case("chunked", "chunke"));
  EXPECT_FALSE(equals_ignoring_case("chunke", "chunked"));
  EXPECT_FALSE(equals_ignoring_case("[", "{")) << "0x20 apart, yet no letters";
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("\xC9", "\xE9"));
}

TEST(Ascii, FindsAPrefixOfEitherCase) {
  EXPECT_TRUE(starts_with_ignoring_case("Bytes=0-1", "bytes="));
  EXPECT_TRUE(starts_with_ignoring_case("bytes=", "bytes="));
  EXPECT_TRUE(starts_with_ignoring_case("x", ""));
  EXPECT_FALSE(starts_with_ignoring_case("byte", "bytes"));
  EXPECT_FALSE(starts_with_ignoring_case("xbytes", "bytes"));
}

TEST(Ascii, TrimsSpacesAndTabsAtTheEndsOnly) {
  EXPECT_EQ(trim_ows(" \t a \t b\t "), "a \t b");
  EXPECT_EQ(trim_ows("a"), "a");
  EXPECT_EQ(trim_ows(""), "");
  EXPECT_EQ(trim_ows(" \t "), "");
  EXPECT_EQ(trim_ows("\ra\n"), "\ra\n") << "line breaks are not OWS";
  EXPECT_EQ(trim_ows(std::string_view("\0a", 2)), std::string_view("\0a", 2));
}

TEST(Ascii, SplitsAListAtEachSeparator) {
  using List = std::vector<std::string_view>;
  EXPECT_EQ(split("", ','), List{});
  EXPECT_EQ(split("a", ','), List{"a"});
  EXPECT_EQ(split("a,b;c", ','), (List{"a", "b;c"}));
  EXPECT_EQ(split("a; b ;c", ';'), (List{"a", " b ", "c"}));
  EXPECT_EQ(split(",a,,b", ','), (List{"", "a", "", "b"}));
  EXPECT_EQ(split("a,", ','), List{"a"});
}

TEST(Ascii, SplittingLeavesWhatFollowsTheSeparator) {
  std::string_view rest = "name=a=b";
  EXPECT_EQ(split_next(rest, '='), "name");
  EXPECT_EQ(rest, "a=b");
}

}  // namespace
}  // namespace wherry
