// SPDX-License-Identifier: MIT
#include "wherry/base/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace wherry {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // the lowest power in the highest bit

// Bits that one look into the table takes. A board has few bytes of flash for a digest that few ask
// for; elsewhere this is for processors without an instruction.
constexpr unsigned kBits = sizeof(void*) > 4 ? 8 : 4;
constexpr std::uint32_t kMask = (1U << kBits) - 1;

constexpr auto kTable = [] {
  std::array<std::uint32_t, std::size_t{1} << kBits> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (unsigned bit = 0; bit < kBits; ++bit) {
      crc = (crc & 1) != 0 ? crc >> 1 ^ kPolynomial : crc >> 1;
    }
    table[i] = crc;
  }
  return table;
}();

// Both know the register alone: neither preset nor inverted.
#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(Bytes bytes,
                                                               std::uint32_t crc) noexcept {
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    crc = static_cast<std::uint32_t>(__builtin_ia32_crc32di(crc, word));
  }
  for (const std::byte byte : bytes) {
    crc = __builtin_ia32_crc32qi(crc, std::to_integer<unsigned char>(byte));
  }
  return crc;
}

bool has_instruction() noexcept { return __builtin_cpu_supports("sse4.2") != 0; }
#elif defined(__ARM_FEATURE_CRC32)
std::uint32_t by_instruction(Bytes bytes, std::uint32_t crc) noexcept {
  for (; bytes.size() >= 4; bytes = bytes.subspan(4)) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    crc = __crc32cw(crc, word);
  }
  for (const std::byte byte : bytes) crc = __crc32cb(crc, std::to_integer<std::uint8_t>(byte));
  return crc;
}

bool has_instruction() noexcept { return true; }
#else
std::uint32_t by_instruction(Bytes, std::uint32_t crc) noexcept { return crc; }

constexpr bool has_instruction() noexcept { return false; }
#endif

}  // namespace

std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t seed) noexcept {
  std::uint32_t crc = ~seed;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (unsigned bit = 0; bit < 8; bit += kBits) crc = crc >> kBits ^ kTable[crc & kMask];
  }
  return ~crc;
}

std::uint32_t crc32c(Bytes bytes, std::uint32_t seed) noexcept {
  if (has_instruction()) return ~by_instruction(bytes, ~seed);
  return crc32c_portable(bytes, seed);
}

}  // namespace wherry
