// SPDX-License-Identifier: MIT
#include "wherry/base/escape.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "wherry/base/utf8.h"

namespace wherry {
namespace {

constexpr bool is_between(std::uint32_t value, std::uint32_t first, std::uint32_t last) {
  return value >= first && value <= last;
}

constexpr bool is_bidi_control(std::uint32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || is_between(c, 0x202A, 0x202E) ||
         is_between(c, 0x2066, 0x2069);
}

constexpr bool is_harmless_in_a_log(std::uint32_t c) {
  if (c < 0x20 || c == '"' || c == '\\') return false;
  if (is_between(c, 0x7F, 0x9F)) return false;      // DEL and the C1 controls
  if (is_between(c, 0x2028, 0x2029)) return false;  // line and paragraph separator
  return !is_bidi_control(c);
}

constexpr std::string_view html_reference(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

void append_log_text(TextWriter& into, std::string_view text) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  while (!text.empty()) {
    // What is a character of one byte, as most are, goes in with those around it.
    const auto other = std::ranges::find_if_not(text, [](char c) {
      return static_cast<unsigned char>(c) < 0x80 &&
             is_harmless_in_a_log(static_cast<unsigned char>(c));
    });
    if (const auto plain = static_cast<std::size_t>(other - text.begin()); plain > 0) {
      into.append(text.substr(0, plain));
      text.remove_prefix(plain);
      continue;
    }
    const Utf8Sequence sequence = first_utf8_sequence(text);
    const std::size_t size = std::max<std::size_t>(sequence.size, 1);
    const std::string_view character = text.substr(0, size);
    text.remove_prefix(size);
    if (sequence.size != 0 && is_harmless_in_a_log(sequence.code_point)) {
      into.append(character);
      continue;
    }
    for (const char c : character) {
      const auto byte = static_cast<unsigned char>(c);
      const char escape[] = {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xF]};
      into.append(std::string_view(escape, sizeof(escape)));
    }
  }
}

void append_html(TextWriter& into, std::string_view text) noexcept {
  for (const char c : text) {
    const std::string_view reference = html_reference(c);
    if (reference.empty()) {
      into.append(c);
    } else {
      into.append(reference);
    }
  }
}

}  // namespace wherry
