// SPDX-License-Identifier: MIT
#include "wherry/base/number.h"

#include "wherry/base/ascii.h"

namespace wherry {
namespace {

Result<std::uint64_t> parse_digits(std::string_view text, unsigned radix) noexcept {
  if (text.empty()) return Error::bad_request;
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_digit_value(c);
    if (digit < 0) return Error::bad_request;
    const auto addend = static_cast<unsigned>(digit);
    if (addend >= radix || value > (UINT64_MAX - addend) / radix) return Error::bad_request;
    value = value * radix + addend;
  }
  return value;
}

}  // namespace

Result<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  return parse_digits(text, 10);
}

Result<std::uint64_t> parse_hex(std::string_view text) noexcept { return parse_digits(text, 16); }

}  // namespace wherry
