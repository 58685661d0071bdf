// SPDX-License-Identifier: MIT
#include "wherry/base/escape.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "wherry/base/ascii.h"
#include "wherry/base/escape_vectors.h"
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

TEST(LogText, OrdinaryNamesStayReadable) {
  for (const std::string_view text : kPlainLogVectors) {
    EXPECT_EQ(escaped(append_log_text, text), text);
  }
}

TEST(LogText, WhatForgesALineOrMovesTheTerminalIsEscaped) {
  for (const EscapeVector& row : kLogTextVectors)
    EXPECT_EQ(escaped(append_log_text, row.text), row.escaped);
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
  for (const EscapeVector& row : kHtmlVectors)
    EXPECT_EQ(escaped(append_html, row.text), row.escaped);
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
