// SPDX-License-Identifier: MIT
#include "wherry/base/number.h"

#include "wherry/base/ascii.h"

namespace wherry {
namespace {

// `max_factor`: UINT64_MAX / radix, of which the compiler knows what a small core would have to
// divide for.
Result<std::uint64_t> parse_digits(std::string_view text, unsigned radix,
                                   std::uint64_t max_factor) noexcept {
  if (text.empty()) return Error::bad_request;
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_digit_value(c);
    if (digit < 0) return Error::bad_request;
    const auto addend = static_cast<unsigned>(digit);
    if (addend >= radix || value > max_factor) return Error::bad_request;
    value *= radix;
    if (value > UINT64_MAX - addend) return Error::bad_request;
    value += addend;
  }
  return value;
}

}  // namespace

Result<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  return parse_digits(text, 10, UINT64_MAX / 10);
}

Result<std::uint64_t> parse_hex(std::string_view text) noexcept {
  return parse_digits(text, 16, UINT64_MAX / 16);
}

Result<std::uint32_t> parse_hex32(std::string_view text) noexcept {
  constexpr std::size_t kMaxDigits = 8;
  if (starts_with_ignoring_case(text, "0x")) text.remove_prefix(2);
  if (text.size() > kMaxDigits) return Error::bad_request;
  const Result<std::uint64_t> value = parse_hex(text);
  if (!value) return value.error();
  return static_cast<std::uint32_t>(*value);
}

}  // namespace wherry
