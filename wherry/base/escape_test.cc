// SPDX-License-Identifier: MIT
#include "wherry/base/escape.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "wherry/base/ascii.h"
#include "wherry/base/guard_page_for_test.h"
#include "wherry/base/utf8.h"

namespace wherry {
namespace {

using namespace std::string_view_literals;

using Escape = void (*)(TextWriter&, std::string_view) noexcept;

std::string escaped(Escape escape, std::string_view text) {
  const GuardedText guarded(text);
  GuardedText memory(6 * text.size());
  TextWriter writer(memory.span());
  escape(writer, guarded.view());
  EXPECT_FALSE(writer.overflowed());
  return std::string(writer.view());
}

// Undoes the escapes of append_log_text.
std::string original_of(std::string_view log_text) {
  std::string text;
  while (!log_text.empty()) {
    if (log_text[0] != '\\') {
      text += log_text[0];
      log_text.remove_prefix(1);
      continue;
    }
    EXPECT_GE(log_text.size(), 4u);
    EXPECT_EQ(log_text[1], 'x');
    text += static_cast<char>(hex_digit_value(log_text[2]) * 16 + hex_digit_value(log_text[3]));
    log_text.remove_prefix(4);
  }
  return text;
}

struct Row {
  std::string_view text;
  std::string_view escaped;
};

TEST(LogText, OrdinaryNamesStayReadable) {
  for (const std::string_view text :
       {""sv, "report 2024 (1).txt"sv, "a'b&c<d>"sv, "%41"sv, "na\xC3\xAFve"sv, "\xE2\x82\xAC"sv,
        "\xE6\x96\x87\xE4\xBB\xB6"sv, "\xF0\x9F\x98\x80"sv, "\xC2\xA0"sv, "\xE2\x80\xA7"sv,
        "\xE2\x80\xAF"sv}) {
    EXPECT_EQ(escaped(append_log_text, text), text);
  }
}

TEST(LogText, WhatForgesALineOrMovesTheTerminalIsEscaped) {
  constexpr Row kRows[] = {
      {"a\nb\r\n"sv, R"(a\x0ab\x0d\x0a)"sv},
      {"\0"sv, R"(\x00)"sv},
      {"\x1B[2J"sv, R"(\x1b[2J)"sv},
      {"\t\x1F\x7F"sv, R"(\x09\x1f\x7f)"sv},
      {R"(a"b\c)"sv, R"(a\x22b\x5cc)"sv},
      {R"(\x0a)"sv, R"(\x5cx0a)"sv},
      {"\xC2\x80\xC2\x9B\xC2\x9F"sv, R"(\xc2\x80\xc2\x9b\xc2\x9f)"sv},  // C1
      {"\x9B"sv, R"(\x9b)"sv},                                          // CSI in one byte
      {"\xE2\x80\xA8\xE2\x80\xA9"sv, R"(\xe2\x80\xa8\xe2\x80\xa9)"sv},  // U+2028, U+2029
      {"\xE2\x80\xAEgpj.exe"sv, R"(\xe2\x80\xaegpj.exe)"sv},            // U+202E
      {"\xD8\x9C"sv, R"(\xd8\x9c)"sv},                                  // U+061C
      {"\xE2\x80\x8E\xE2\x80\x8F"sv, R"(\xe2\x80\x8e\xe2\x80\x8f)"sv},  // U+200E, U+200F
      {"\xE2\x80\xAA"sv, R"(\xe2\x80\xaa)"sv},                          // U+202A
      {"\xE2\x81\xA6\xE2\x81\xA9"sv, R"(\xe2\x81\xa6\xe2\x81\xa9)"sv},  // U+2066, U+2069
      {"\xC0\x8A"sv, R"(\xc0\x8a)"sv},                                  // overlong LF
      {"\xED\xA0\x80"sv, R"(\xed\xa0\x80)"sv},                          // surrogate
      {"a\xE2\x82"sv, R"(a\xe2\x82)"sv},                                // cut
      {"\xE2\x82\xC3\xA9"sv, "\\xe2\\x82\xC3\xA9"sv},  // what follows the fault is read afresh
      {"\xC3\n"sv, R"(\xc3\x0a)"sv},
  };
  for (const Row& row : kRows) EXPECT_EQ(escaped(append_log_text, row.text), row.escaped);
}

TEST(LogText, AnyBytesComeOutValidOnOneLineAndCanBeHadBack) {
  std::mt19937 random(1);
  // Bytes that meet often in sequences that matter.
  constexpr auto kBytes =
      "\0\n\r\x1B\x7F\\\"xa\x80\x8E\x9B\xA8\xAE\xC2\xC3\xD8\xE2\x81\xED\xF0\xFF"sv;
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 12, '\0');
    for (char& c : text) c = kBytes[random() % kBytes.size()];
    const std::string shown = escaped(append_log_text, text);
    ASSERT_TRUE(is_valid_utf8(shown));
    for (const char c : shown) ASSERT_FALSE(is_control(c) || c == '"');
    ASSERT_EQ(original_of(shown), text);
  }
}

TEST(LogText, WithoutRoomEndsBeforeTheCharacterThatDoesNotFit) {
  const std::string_view whole = "a\\x0a\xE2\x82\xAC"sv;
  for (std::size_t room = 0; room <= whole.size(); ++room) {
    GuardedText memory(room);
    TextWriter writer(memory.span());
    append_log_text(writer, "a\n\xE2\x82\xAC");
    EXPECT_EQ(writer.overflowed(), room < 8);
    EXPECT_EQ(writer.size(), room >= 8 ? 8u : room >= 5 ? 5u : room >= 1 ? 1u : 0u);
    EXPECT_TRUE(whole.starts_with(writer.view()));
  }
}

TEST(Html, TheFiveCharactersThatMeanSomethingBecomeReferences) {
  EXPECT_EQ(escaped(append_html, R"(<a href="x" title='y'>&amp;)"),
            "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;");
}

TEST(Html, EveryOtherByteStaysAsItIs) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    if ("&<>\"'"sv.find(c) != std::string_view::npos) continue;
    EXPECT_EQ(escaped(append_html, {&c, 1}), std::string(1, c));
  }
}

TEST(Html, WithoutRoomNoReferenceIsCut) {
  GuardedText memory(7);
  TextWriter writer(memory.span());
  append_html(writer, "ab<&");
  EXPECT_TRUE(writer.overflowed());
  EXPECT_EQ(writer.view(), "ab&lt;");
}

}  // namespace
}  // namespace wherry
