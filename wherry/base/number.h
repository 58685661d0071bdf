// SPDX-License-Identifier: MIT
// Numbers in protocol text: digits alone. No sign, no space, no locale, and no prefix but where one
// is named; a number that does not fit is refused and never wraps.
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"

namespace wherry {

/// Reads 1*DIGIT, leading zeros allowed.
/// Errors: bad_request (empty, any other character, above 2^64 - 1).
/// Source: RFC 9110 §8.6 (the strictest reading: no sign, no list).
Result<std::uint64_t> parse_decimal(std::string_view text) noexcept;

/// Reads 1*HEXDIG of either case, leading zeros allowed, no "0x".
/// Errors: bad_request (empty, any other character, above 2^64 - 1).
/// Source: RFC 9112 §7.1 (chunk-size).
Result<std::uint64_t> parse_hex(std::string_view text) noexcept;

/// Reads a CRC-32 as people and programs write it: one to eight HEXDIG of either case, behind "0x"
/// or without.
/// Errors: bad_request (anything else).
Result<std::uint32_t> parse_hex32(std::string_view text) noexcept;

/// Returns: `value` as "0x" and eight lower-case digits, as C's "0x%08x" writes it.
constexpr FixedString<10> hex32(std::uint32_t value) noexcept {
  char text[] = {'0', 'x', '0', '0', '0', '0', '0', '0', '0', '0'};
  for (int i = 9; i >= 2; --i, value >>= 4) text[i] = "0123456789abcdef"[value & 0xF];
  FixedString<10> result;
  static_cast<void>(result.append({text, sizeof(text)}));
  return result;
}

}  // namespace wherry
