// SPDX-License-Identifier: MIT
// Bytes and their CRC-32, as Python's binascii.crc32 says. Plain data without a test framework, so
// that a board can run through it too.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wherry {

struct Crc32Vector {
  std::string_view text;
  std::uint32_t crc;
};

namespace crc32_vectors {

constexpr std::array<char, 256> ramp() {
  std::array<char, 256> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  return bytes;
}

constexpr std::array<char, 32> filled(char value) {
  std::array<char, 32> bytes{};
  for (char& byte : bytes) byte = value;
  return bytes;
}

inline constexpr std::array<char, 256> kEveryByte = ramp();
inline constexpr std::array<char, 32> kZeros = filled('\0');
inline constexpr std::array<char, 32> kOnes = filled('\xFF');

}  // namespace crc32_vectors

inline constexpr Crc32Vector kCrc32Vectors[] = {
    {"", 0x00000000},
    {"a", 0xE8B7BE43},
    {"abc", 0x352441C2},
    {"123456789", 0xCBF43926},
    {"The quick brown fox jumps over the lazy dog", 0x414FA339},
    {{crc32_vectors::kZeros.data(), crc32_vectors::kZeros.size()}, 0x190A55AD},
    {{crc32_vectors::kOnes.data(), crc32_vectors::kOnes.size()}, 0xFF6CAB0B},
    {{crc32_vectors::kEveryByte.data(), crc32_vectors::kEveryByte.size()}, 0x29058C73},
};

}  // namespace wherry
