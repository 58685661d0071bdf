// SPDX-License-Identifier: MIT
// Writes text into memory that somebody else owns: response heads, log lines, JSON, listings.
// Knows no stream and no locale.
// Invariant: each append goes in whole or not at all; after the first that did not fit nothing goes
// in any more, so view() is always a prefix of what was meant.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"

namespace wherry {

/// Appends to a caller's memory and remembers whether all of it fitted: write everything, then look
/// at overflowed() once.
/// Lifetime: the memory outlives the writer; what view() shows is that memory.  Memory: none.
class TextWriter {
 public:
  explicit constexpr TextWriter(std::span<char> into) noexcept : into_(into) {}
  explicit TextWriter(MutableBytes into) noexcept
      : into_(reinterpret_cast<char*>(into.data()), into.size()) {}
  TextWriter(const TextWriter&) = delete;  // two writers of one memory would overwrite each other
  TextWriter& operator=(const TextWriter&) = delete;

  /// `text` must not show the memory that is written to.
  constexpr TextWriter& append(std::string_view text) noexcept {
    if (overflowed_ || text.size() > into_.size() - size_) {
      overflowed_ = true;
      return *this;
    }
    std::char_traits<char>::copy(into_.data() + size_, text.data(), text.size());
    size_ += text.size();
    return *this;
  }
  /// Of a literal, mostly. One argument instead of two, in a hundred calls: so it is no part of
  /// them.
  [[gnu::noinline]] constexpr TextWriter& append(const char* text) noexcept {
    return append(std::string_view(text));
  }
  constexpr TextWriter& append(char character) noexcept {
    return append(std::string_view(&character, 1));
  }

  /// Decimal digits, filled with zeros on the left up to `minimum_digits` (at most 20; the sign is
  /// not counted): append_decimal(7, 2) writes "07".
  template <std::integral Integer>
  constexpr TextWriter& append_decimal(Integer value, std::size_t minimum_digits = 1) noexcept {
    const bool negative = value < 0;
    const auto bits = static_cast<std::uint64_t>(value);
    return append_number(negative, negative ? 0 - bits : bits, 10, minimum_digits);
  }

  /// Hexadecimal digits in lower case without prefix, filled with zeros on the left up to
  /// `minimum_digits` (at most 20).
  constexpr TextWriter& append_hex(std::uint64_t value, std::size_t minimum_digits = 1) noexcept {
    return append_number(false, value, 16, minimum_digits);
  }

  /// True from the first append that did not fit until clear().
  constexpr bool overflowed() const noexcept { return overflowed_; }

  /// Starts again at the beginning of the same memory.
  constexpr void clear() noexcept {
    size_ = 0;
    overflowed_ = false;
  }

  /// What is not written yet; and how much of it someone else has written. Empty after an overflow.
  constexpr std::span<char> free() const noexcept { return into_.subspan(into_.size() - room()); }
  constexpr void filled(std::size_t size) noexcept {
    overflowed_ = overflowed_ || size > room();
    if (!overflowed_) size_ += size;
  }

  constexpr std::string_view view() const noexcept { return {into_.data(), size_}; }
  constexpr std::size_t size() const noexcept { return size_; }
  /// Bytes that the next append may have; 0 after an overflow.
  constexpr std::size_t room() const noexcept { return overflowed_ ? 0 : into_.size() - size_; }

 private:
  static constexpr std::size_t kMaxDigits = 20;  // 2^64 - 1 in decimal

  constexpr TextWriter& append_number(bool negative, std::uint64_t magnitude, unsigned radix,
                                      std::size_t minimum_digits) noexcept {
    char digits[kMaxDigits + 1]{};
    std::size_t first = sizeof(digits);
    std::size_t count = 0;
    do {
      // Most numbers are short, and a small core divides no more than 32 bits at a time.
      const bool is_short = magnitude <= UINT32_MAX;
      const auto low = static_cast<std::uint32_t>(magnitude);
      digits[--first] = "0123456789abcdef"[is_short ? low % radix : magnitude % radix];
      magnitude = is_short ? low / radix : magnitude / radix;
      ++count;
    } while (magnitude != 0 || (count < minimum_digits && count < kMaxDigits));
    if (negative) digits[--first] = '-';
    return append(std::string_view(digits + first, sizeof(digits) - first));
  }

  std::span<char> into_;
  std::size_t size_ = 0;
  bool overflowed_ = false;
};

}  // namespace wherry
