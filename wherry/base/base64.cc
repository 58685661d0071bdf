// SPDX-License-Identifier: MIT
#include "wherry/base/base64.h"

#include <algorithm>
#include <cstdint>

#include "wherry/base/ascii.h"

namespace wherry {
namespace {

constexpr char kPadding = '=';

char digit_of(std::uint32_t value) noexcept {
  if (value < 26) return static_cast<char>('A' + value);
  if (value < 52) return static_cast<char>('a' + (value - 26));
  if (value < 62) return static_cast<char>('0' + (value - 52));
  return value == 62 ? '+' : '/';
}

/// Returns: 0 to 63; -1 for what is no digit, padding too.
int value_of(char digit) noexcept {
  if (digit >= 'A' && digit <= 'Z') return digit - 'A';
  if (digit >= 'a' && digit <= 'z') return digit - 'a' + 26;
  if (is_digit(digit)) return digit - '0' + 52;
  if (digit == '+') return 62;
  return digit == '/' ? 63 : -1;
}

}  // namespace

void append_base64(Bytes bytes, TextWriter& writer) noexcept {
  while (!bytes.empty()) {
    const std::size_t count = std::min<std::size_t>(bytes.size(), 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < count ? std::to_integer<std::uint32_t>(bytes[i]) : 0);
    }
    char group[4];
    for (std::size_t i = 0; i < 4; ++i) {
      group[i] = i <= count ? digit_of(bits >> (18 - 6 * i) & 63) : kPadding;
    }
    writer.append({group, sizeof group});
    bytes = bytes.subspan(count);
  }
}

Result<std::size_t> base64_decode(std::string_view text, MutableBytes into) noexcept {
  if (text.size() % 4 != 0) return Error::bad_request;
  std::size_t size = 0;
  while (!text.empty()) {
    std::string_view group = text.substr(0, 4);
    text.remove_prefix(4);
    if (text.empty() && group.ends_with(kPadding)) {
      group.remove_suffix(group[2] == kPadding ? 2 : 1);
    }
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const int value = i < group.size() ? value_of(group[i]) : 0;
      if (value < 0) return Error::bad_request;
      bits = bits << 6 | static_cast<std::uint32_t>(value);
    }
    const std::size_t count = group.size() - 1;  // 4 digits are 3 bytes, 3 are 2, 2 are 1
    if ((bits & (0xFFFFFFu >> (8 * count))) != 0 && count < 3) return Error::bad_request;
    if (count > into.size() - size) return Error::bad_request;
    for (std::size_t i = 0; i < count; ++i) {
      into[size++] = static_cast<std::byte>(bits >> (16 - 8 * i) & 0xFF);
    }
  }
  return size;
}

}  // namespace wherry
