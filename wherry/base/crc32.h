// SPDX-License-Identifier: MIT
// CRC-32 as zlib, gzip, PNG and Python's binascii.crc32 compute it: polynomial 0x04C11DB7,
// reflected, preset and inverted. It finds damage; it proves nothing against an attacker.
// Knows nothing of files: crc32_combine and crc32_repeated get the CRC of long content from the
// CRCs of its parts, without its bytes.
#pragma once

#include <cstdint>

#include "wherry/base/bytes.h"

namespace wherry {

/// Returns: the CRC-32 of the bytes that `seed` is the CRC of, followed by `bytes`. The CRC of
/// nothing is 0.  Memory: none.
std::uint32_t crc32(Bytes bytes, std::uint32_t seed = 0) noexcept;

/// The same result from tables in read-only data, 1 KiB where addresses have 32 bits, else 4: what
/// crc32() is where there is no faster library, present everywhere.
std::uint32_t crc32_portable(Bytes bytes, std::uint32_t seed = 0) noexcept;

/// The CRC-32 of bytes that come in pieces.
class Crc32 {
 public:
  void update(Bytes bytes) noexcept { value_ = crc32(bytes, value_); }
  /// Returns: the CRC of all bytes so far; 0 before the first.
  std::uint32_t value() const noexcept { return value_; }

 private:
  std::uint32_t value_ = 0;
};

namespace crc32_detail {

// A CRC is a polynomial over GF(2) of degree below 32, the coefficient of x^0 in the highest bit.
inline constexpr std::uint32_t kPolynomial = 0xEDB88320;
inline constexpr std::uint32_t kOne = 0x80000000;
inline constexpr std::uint32_t kXToThe8 = kOne >> 8;

/// Returns: a * b modulo the polynomial.
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) noexcept {
  // No branch: where to go cannot be foreseen.
  std::uint32_t product = 0;
  for (; a != 0; a <<= 1) {
    product ^= b & (0 - (a >> 31));
    b = b >> 1 ^ (kPolynomial & (0 - (b & 1)));
  }
  return product;
}

/// Returns: `base` to the power of `exponent` modulo the polynomial.
constexpr std::uint32_t power(std::uint32_t base, std::uint64_t exponent) noexcept {
  std::uint32_t result = kOne;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    if (exponent == 1) break;
    base = multiply(base, base);
  }
  return result;
}

/// Returns: x^(8 * size) modulo the polynomial, the factor by which a CRC grows older when `size`
/// bytes follow.
constexpr std::uint32_t shift_by(std::uint64_t size) noexcept { return power(kXToThe8, size); }

}  // namespace crc32_detail

/// Returns: the CRC-32 of A followed by B, from the CRC of each and the size of B in bytes.
/// Time: O(log size_of_b).
constexpr std::uint32_t crc32_combine(std::uint32_t crc_of_a, std::uint32_t crc_of_b,
                                      std::uint64_t size_of_b) noexcept {
  // Preset and final inversion cancel out: only A's CRC has to be moved past B.
  return crc32_detail::multiply(crc32_detail::shift_by(size_of_b), crc_of_a) ^ crc_of_b;
}

/// Returns: the CRC-32 of `count` copies, one after the other, of a period of `period_size` bytes
/// whose CRC is `crc_of_period`; 0 for no copies. The whole may be longer than 2^64 bytes.
/// Time: O(log period_size + log count).
constexpr std::uint32_t crc32_repeated(std::uint32_t crc_of_period, std::uint64_t period_size,
                                       std::uint64_t count) noexcept {
  std::uint32_t result = 0;
  std::uint32_t block = crc_of_period;                        // CRC of 2^i copies
  std::uint32_t shift = crc32_detail::shift_by(period_size);  // moves past 2^i copies
  for (; count != 0; count >>= 1) {
    if ((count & 1) != 0) result = crc32_detail::multiply(result, shift) ^ block;
    if (count == 1) break;
    block ^= crc32_detail::multiply(shift, block);
    shift = crc32_detail::multiply(shift, shift);
  }
  return result;
}

/// The same of a period that is known when this is compiled, in half the time.
class RepeatedCrc32 {
 public:
  /// `period_size`: at least 1.
  consteval RepeatedCrc32(std::uint32_t crc_of_period, std::uint64_t period_size)
      : shift_(crc32_detail::shift_by(period_size)),
        // In a field of 2^32 that power is the inverse; this polynomial makes one.
        factor_(crc32_detail::multiply(
            crc_of_period, crc32_detail::power(shift_ ^ crc32_detail::kOne, 0xFFFFFFFE))) {}

  /// Returns: the CRC-32 of `count` copies: crc * (1 + s + s^2 + ...) = crc * (s^count - 1) / (s -
  /// 1).
  constexpr std::uint32_t of(std::uint64_t count) const noexcept {
    return crc32_detail::multiply(crc32_detail::power(shift_, count) ^ crc32_detail::kOne, factor_);
  }

 private:
  std::uint32_t shift_;
  std::uint32_t factor_;
};

}  // namespace wherry
