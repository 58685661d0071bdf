// SPDX-License-Identifier: MIT
#include "wherry/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/base/utf8_vectors.h"

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
  for (const std::string_view text : kValidUtf8Vectors) {
    EXPECT_TRUE(is_valid_utf8(GuardedText(text).view())) << text;
  }
}

TEST(Utf8, RefusesIllFormedText) {
  for (const std::string_view text : kInvalidUtf8Vectors) {
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
