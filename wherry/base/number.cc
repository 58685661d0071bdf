// SPDX-License-Identifier: MIT
#include "wherry/base/number.h"

#include "wherry/base/ascii.h"

namespace wherry {
namespace {

// The radix is known to the compiler, which divides by it: a small core cannot.
template <unsigned kRadix>
Result<std::uint64_t> parse_digits(std::string_view text) noexcept {
  if (text.empty()) return Error::bad_request;
  std::uint64_t value = 0;
  for (const char c : text) {
    const int digit = hex_digit_value(c);
    if (digit < 0) return Error::bad_request;
    const auto addend = static_cast<unsigned>(digit);
    if (addend >= kRadix || value > UINT64_MAX / kRadix) return Error::bad_request;
    value *= kRadix;
    if (value > UINT64_MAX - addend) return Error::bad_request;
    value += addend;
  }
  return value;
}

}  // namespace

Result<std::uint64_t> parse_decimal(std::string_view text) noexcept {
  return parse_digits<10>(text);
}

Result<std::uint64_t> parse_hex(std::string_view text) noexcept { return parse_digits<16>(text); }

Result<std::uint32_t> parse_hex32(std::string_view text) noexcept {
  constexpr std::size_t kMaxDigits = 8;
  if (starts_with_ignoring_case(text, "0x")) text.remove_prefix(2);
  if (text.size() > kMaxDigits) return Error::bad_request;
  const Result<std::uint64_t> value = parse_hex(text);
  if (!value) return value.error();
  return static_cast<std::uint32_t>(*value);
}

}  // namespace wherry
