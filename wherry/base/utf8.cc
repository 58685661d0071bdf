// SPDX-License-Identifier: MIT
#include "wherry/base/utf8.h"

namespace wherry {
namespace {

constexpr bool is_continuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

constexpr bool is_surrogate(std::uint32_t code_point) {
  return code_point >= 0xD800 && code_point <= 0xDFFF;
}

}  // namespace

Utf8Sequence first_utf8_sequence(std::string_view text) noexcept {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};

  // The lead byte tells the size, and the size the least code point that may be so long.
  std::size_t size = 0;
  std::uint32_t least = 0;
  std::uint32_t code_point = 0;
  if ((lead & 0xE0) == 0xC0) {
    size = 2, least = 0x80, code_point = lead & 0x1Fu;
  } else if ((lead & 0xF0) == 0xE0) {
    size = 3, least = 0x800, code_point = lead & 0x0Fu;
  } else if ((lead & 0xF8) == 0xF0) {
    size = 4, least = 0x10000, code_point = lead & 0x07u;
  } else {
    return {};
  }
  if (text.size() < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!is_continuation(byte)) return {};
    code_point = code_point << 6 | (byte & 0x3Fu);
  }
  if (code_point < least || code_point > 0x10FFFF || is_surrogate(code_point)) return {};
  return {code_point, size};
}

bool is_valid_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(text);
    if (sequence.size == 0) return false;
    text.remove_prefix(sequence.size);
  }
  return true;
}

}  // namespace wherry
