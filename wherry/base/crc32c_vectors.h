// SPDX-License-Identifier: MIT
// Bytes and their CRC-32C. Plain data without a test framework, so that a board can run through it
// too.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wherry {

struct Crc32cVector {
  std::string_view bytes;
  std::uint32_t crc;
};

namespace crc32c_vectors {

constexpr std::array<char, 32> line(int first, int step) {
  std::array<char, 32> bytes{};
  for (char& byte : bytes) {
    byte = static_cast<char>(first);
    first += step;
  }
  return bytes;
}

inline constexpr std::array<char, 32> kZeros = line(0, 0);
inline constexpr std::array<char, 32> kOnes = line(0xFF, 0);
inline constexpr std::array<char, 32> kUp = line(0, 1);
inline constexpr std::array<char, 32> kDown = line(31, -1);

}  // namespace crc32c_vectors

// The four of 32 bytes are RFC 3720 appendix B.4.
inline constexpr Crc32cVector kCrc32cVectors[] = {
    {"", 0x00000000},
    {"a", 0xC1D04330},
    {"123456789", 0xE3069283},
    {{crc32c_vectors::kZeros.data(), 32}, 0x8A9136AA},
    {{crc32c_vectors::kOnes.data(), 32}, 0x62A8AB43},
    {{crc32c_vectors::kUp.data(), 32}, 0x46DD794E},
    {{crc32c_vectors::kDown.data(), 32}, 0x113FDB5C},
};

}  // namespace wherry
