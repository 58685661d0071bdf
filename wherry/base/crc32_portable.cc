// SPDX-License-Identifier: MIT
// CRC-32 from tables. In a file of its own, so that a program that computes CRCs with a faster
// library carries no tables.
#include <array>
#include <cstddef>

#include "wherry/base/crc32.h"

namespace wherry {
namespace {

using Table = std::array<std::uint32_t, 256>;

// Four bytes a step ("slicing"), one look into each of four tables, lets a large processor do them
// at the same time. A small one does one thing at a time: it gains nothing by the other three KiB.
constexpr std::size_t kTableCount = sizeof(void*) > 4 ? 4 : 1;

// kTables[k][byte]: what `byte` adds to the CRC when k more bytes follow it in the same step.
constexpr std::array<Table, kTableCount> make_tables() {
  std::array<Table, kTableCount> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 1) != 0 ? crc >> 1 ^ crc32_detail::kPolynomial : crc >> 1;
    }
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < tables.size(); ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = crc >> 8 ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}
constexpr std::array<Table, kTableCount> kTables = make_tables();

// Byte by byte, for any alignment and byte order; compilers make one load of it where that is
// right.
std::uint32_t little_endian_32(const std::byte* from) {
  return std::to_integer<std::uint32_t>(from[0]) | std::to_integer<std::uint32_t>(from[1]) << 8 |
         std::to_integer<std::uint32_t>(from[2]) << 16 |
         std::to_integer<std::uint32_t>(from[3]) << 24;
}

inline std::uint32_t after_byte(std::uint32_t crc) { return crc >> 8 ^ kTables[0][crc & 0xFF]; }

[[gnu::always_inline]] inline std::uint32_t after_word(std::uint32_t crc) {
  if constexpr (kTableCount == 4) {
    return kTables[3][crc & 0xFF] ^ kTables[2][crc >> 8 & 0xFF] ^ kTables[1][crc >> 16 & 0xFF] ^
           kTables[0][crc >> 24];
  } else {
    return after_byte(after_byte(after_byte(after_byte(crc))));
  }
}

}  // namespace

std::uint32_t crc32_portable(Bytes bytes, std::uint32_t seed) noexcept {
  const std::byte* next = bytes.data();
  const std::byte* const end = next + bytes.size();
  std::uint32_t crc = ~seed;
  for (; end - next >= 8; next += 8) {
    crc = after_word(crc ^ little_endian_32(next));
    crc = after_word(crc ^ little_endian_32(next + 4));
  }
  for (; next < end; ++next) crc = after_byte(crc ^ std::to_integer<std::uint32_t>(*next));
  return ~crc;
}

}  // namespace wherry
