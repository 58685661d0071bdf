// SPDX-License-Identifier: MIT
// RFC 1071. A sum in ones' complement does not depend on how wide its words are, as long as carries
// come back in: 32 bits are added at a time, and folded to 16 at the end. Bytes that begin at an
// odd address are summed up as if they began one byte earlier, which swaps the halves of the
// result.
#include "boards/common/checksum.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

constexpr std::size_t kBlock = 32;  // bytes

template <class T>
T load(const unsigned char* from) noexcept {
  T value;
  std::memcpy(&value, __builtin_assume_aligned(from, sizeof(T)), sizeof(T));
  return value;
}

std::uint32_t add(std::uint32_t sum, std::uint32_t value) noexcept {
  sum += value;
  return sum + (sum < value ? 1 : 0);
}

/// Adds `kBlock` bytes from a multiple of 4 on. One instruction a word, with the carry, which no
/// compiler makes of C++.
const unsigned char* add_block(std::uint32_t& sum, const unsigned char* from) noexcept {
  struct Block {
    unsigned char bytes[kBlock];
  };
  const auto& block = *reinterpret_cast<const Block*>(from);
  asm("ldmia %[from]!, {r3, r4, r5, r6}\n"
      "adds %[sum], %[sum], r3\n"
      "adcs %[sum], %[sum], r4\n"
      "adcs %[sum], %[sum], r5\n"
      "adcs %[sum], %[sum], r6\n"
      "ldmia %[from]!, {r3, r4, r5, r6}\n"
      "adcs %[sum], %[sum], r3\n"
      "adcs %[sum], %[sum], r4\n"
      "adcs %[sum], %[sum], r5\n"
      "adcs %[sum], %[sum], r6\n"
      "adc %[sum], %[sum], #0\n"
      : [sum] "+l"(sum), [from] "+l"(from)
      : "m"(block)
      : "r3", "r4", "r5", "r6", "cc");
  return from;
}

std::uint32_t fold(std::uint32_t sum) noexcept { return (sum & 0xFFFF) + (sum >> 16); }

}  // namespace

unsigned short wherry_internet_checksum(const void* data, int size) {
  const auto* next = static_cast<const unsigned char*>(data);
  auto left = static_cast<std::size_t>(size);
  const auto address = reinterpret_cast<std::uintptr_t>(data);
  std::uint32_t sum = 0;
  const bool is_swapped = address % 2 != 0 && left > 0;
  if (is_swapped) {
    sum = std::uint32_t{*next++} << 8;
    --left;
  }
  if (reinterpret_cast<std::uintptr_t>(next) % 4 != 0 && left >= 2) {
    sum = add(sum, load<std::uint16_t>(next));
    next += 2;
    left -= 2;
  }
  for (; left >= kBlock; left -= kBlock) next = add_block(sum, next);
  for (; left >= 4; left -= 4, next += 4) sum = add(sum, load<std::uint32_t>(next));
  if (left >= 2) {
    sum = add(sum, load<std::uint16_t>(next));
    next += 2;
    left -= 2;
  }
  if (left > 0) sum = add(sum, *next);
  const auto result = static_cast<std::uint16_t>(fold(fold(sum)));
  return is_swapped ? __builtin_bswap16(result) : result;
}
