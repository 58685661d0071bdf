// SPDX-License-Identifier: MIT
// CRC-32 from tables, four bytes a step ("slicing"). In a file of its own, so that a program that
// computes CRCs with a faster library carries no tables.
#include <array>
#include <cstddef>

#include "wherry/base/crc32.h"

namespace wherry {
namespace {

using Table = std::array<std::uint32_t, 256>;

// kTables[k][byte]: what `byte` adds to the CRC when k more bytes follow it in the same step.
constexpr std::array<Table, 4> make_tables() {
  std::array<Table, 4> tables{};
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
constexpr std::array<Table, 4> kTables = make_tables();

// Byte by byte, for any alignment and byte order; compilers make one load of it where that is
// right.
std::uint32_t little_endian_32(const std::byte* from) {
  return std::to_integer<std::uint32_t>(from[0]) | std::to_integer<std::uint32_t>(from[1]) << 8 |
         std::to_integer<std::uint32_t>(from[2]) << 16 |
         std::to_integer<std::uint32_t>(from[3]) << 24;
}

}  // namespace

std::uint32_t crc32_portable(Bytes bytes, std::uint32_t seed) noexcept {
  std::uint32_t crc = ~seed;
  for (; bytes.size() >= 4; bytes = bytes.subspan(4)) {
    crc ^= little_endian_32(bytes.data());
    crc = kTables[3][crc & 0xFF] ^ kTables[2][crc >> 8 & 0xFF] ^ kTables[1][crc >> 16 & 0xFF] ^
          kTables[0][crc >> 24];
  }
  for (const std::byte byte : bytes) {
    crc = crc >> 8 ^ kTables[0][(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xFF];
  }
  return ~crc;
}

}  // namespace wherry
