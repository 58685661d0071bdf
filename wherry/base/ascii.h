// SPDX-License-Identifier: MIT
// Characters and lists of protocol text. ASCII only: no locale, and bytes from 0x80 on are nothing
// but themselves.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wherry {

/// DIGIT (RFC 5234 appendix B.1).
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// ALPHA (RFC 5234 appendix B.1).
constexpr bool is_alpha(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// CTL (RFC 5234 appendix B.1): 0x00 to 0x1F, and DEL.
constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

namespace ascii_detail {

/// A bit for each character, from 0x00 to 0x7F.
inline constexpr std::array<std::uint32_t, 4> kTokenChars = [] {
  std::array<std::uint32_t, 4> bits{};
  for (char c = 0; c < 0x7F; ++c) {
    const bool is_one = is_alpha(c) || is_digit(c) ||
                        std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    if (is_one) bits[static_cast<unsigned>(c) / 32] |= 1u << static_cast<unsigned>(c) % 32;
  }
  return bits;
}();

}  // namespace ascii_detail

/// tchar (RFC 9110 §5.6.2).
constexpr bool is_token_char(char c) noexcept {
  const unsigned byte = static_cast<unsigned char>(c);
  return byte < 0x80 && (ascii_detail::kTokenChars[byte / 32] >> byte % 32 & 1) != 0;
}

/// token (RFC 9110 §5.6.2): one tchar or more.
constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return !text.empty();
}

/// Returns: 0 to 15; -1 when `c` is no hexadecimal digit. Both cases are read.
constexpr int hex_digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool is_hex_digit(char c) noexcept { return hex_digit_value(c) >= 0; }

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Compares field names, tokens and schemes: A to Z equal a to z, all else equals itself alone.
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

/// The same of a literal: a call of fewer arguments.
[[gnu::noinline]] constexpr bool equals_ignoring_case(std::string_view a, const char* b) noexcept {
  return equals_ignoring_case(a, std::string_view(b));
}

constexpr bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() &&
         equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

/// `text` without the spaces and tabs at both its ends: OWS (RFC 9110 §5.6.3), not line breaks.
constexpr std::string_view trim_ows(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the next item off a list: returns what stands before the first `separator` and leaves in
/// `rest` what follows it; without a separator returns all and leaves `rest` empty. Items are not
/// trimmed and may be empty; quoted strings are not known.
///   while (!rest.empty()) use(trim_ows(split_next(rest, ',')));
constexpr std::string_view split_next(std::string_view& rest, char separator) noexcept {
  const std::size_t end = rest.find(separator);
  const std::string_view item = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return item;
}

}  // namespace wherry
