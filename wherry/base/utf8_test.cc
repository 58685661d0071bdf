// SPDX-License-Identifier: MIT
#include "wherry/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"

namespace wherry {
namespace {

using namespace std::string_view_literals;

// The encoding by the bit patterns of RFC 3629 §3, also of what must not be encoded.
std::string encode(std::uint32_t code_point, int size) {
  if (size == 1) return {static_cast<char>(code_point)};
  std::string text;
  for (int i = 1; i < size; ++i, code_point >>= 6) {
    text.insert(text.begin(), static_cast<char>(0x80 | (code_point & 0x3F)));
  }
  const unsigned mark = size == 2 ? 0xC0 : size == 3 ? 0xE0 : 0xF0;
  text.insert(text.begin(), static_cast<char>(mark | code_point));
  return text;
}

int shortest_size(std::uint32_t code_point) {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

TEST(Utf8, EveryCodePointIsReadInItsShortestFormAndNoOther) {
  for (std::uint32_t code_point = 0; code_point < 0x200000; ++code_point) {
    const bool is_scalar = code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
    const int shortest = shortest_size(code_point);
    for (int size = shortest; size <= 4; ++size) {
      const std::string text = encode(code_point, size);
      const Utf8Sequence sequence = first_utf8_sequence(text);
      const bool expected = is_scalar && size == shortest;
      ASSERT_EQ(is_valid_utf8(text), expected) << code_point << " in " << size;
      ASSERT_EQ(sequence.size, expected ? text.size() : 0u) << code_point << " in " << size;
      ASSERT_EQ(sequence.code_point, expected ? code_point : 0u);
    }
  }
}

TEST(Utf8, AcceptsWellFormedText) {
  for (const std::string_view text :
       {""sv, "plain"sv, "\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv,
        "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xEF\xBB\xBFmark"sv,
        "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv,
        "na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80."sv}) {
    EXPECT_TRUE(is_valid_utf8(GuardedText(text).view())) << text;
  }
}

TEST(Utf8, RefusesIllFormedText) {
  for (const std::string_view text : {"\x80"sv,
                                      "\xBF"sv,
                                      "a\x80"sv,  // a continuation alone
                                      "\xC0\x80"sv,
                                      "\xC0\xAF"sv,
                                      "\xC1\xBF"sv,  // overlong: NUL, slash
                                      "\xE0\x80\xAF"sv,
                                      "\xE0\x9F\xBF"sv,
                                      "\xF0\x80\x80\xAF"sv,
                                      "\xF0\x8F\xBF\xBF"sv,
                                      "\xED\xA0\x80"sv,
                                      "\xED\xBF\xBF"sv,
                                      "\xED\xA0\xBD\xED\xB8\x80"sv,  // surrogates, a pair too
                                      "\xF4\x90\x80\x80"sv,
                                      "\xF5\x80\x80\x80"sv,
                                      "\xF7\xBF\xBF\xBF"sv,  // above U+10FFFF
                                      "\xF8\x88\x80\x80\x80"sv,
                                      "\xFC\x84\x80\x80\x80\x80"sv,
                                      "\xFE"sv,
                                      "\xFF"sv,
                                      "\xC3"sv,
                                      "\xC3("sv,
                                      "\xE2\x82"sv,
                                      "\xE2\x82("sv,
                                      "\xE2(\xA1"sv,
                                      "\xF0\x9F\x98"sv,
                                      "\xF0\x9F\x98("sv,
                                      "\xF0(\x98\x80"sv,
                                      "\xC3\xC3\xA9"sv,
                                      "\xC3\xA9\xA9"sv}) {
    EXPECT_FALSE(is_valid_utf8(GuardedText(text).view())) << text;
  }
}

TEST(Utf8, OnlyAWholeSequenceIsASequence) {
  for (const std::string_view whole : {"\xC3\xA9"sv, "\xE2\x82\xAC"sv, "\xF0\x9F\x98\x80"sv}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const GuardedText cut(whole.substr(0, size));
      EXPECT_EQ(first_utf8_sequence(cut.view()).size, 0u);
      EXPECT_EQ(is_valid_utf8(cut.view()), size == 0);
    }
    EXPECT_EQ(first_utf8_sequence(whole).size, whole.size());
  }
}

TEST(Utf8, ReadsOnlyTheFirstSequence) {
  const Utf8Sequence sequence = first_utf8_sequence("\xE2\x82\xAC\xFF");
  EXPECT_EQ(sequence.size, 3u);
  EXPECT_EQ(sequence.code_point, 0x20ACu);
}

}  // namespace
}  // namespace wherry
