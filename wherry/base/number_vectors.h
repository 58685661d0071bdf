// SPDX-License-Identifier: MIT
// Numbers as text: what is read, what is refused, what is written. Plain data without a test
// framework, so that a board can run through it too.
#pragma once

#include <cstdint>
#include <string_view>

namespace wherry {

using namespace std::string_view_literals;

struct NumberVector {
  std::string_view text;
  std::uint64_t value;
};

inline constexpr NumberVector kDecimalVectors[] = {
    {"0", 0},
    {"9", 9},
    {"10", 10},
    {"007", 7},
    {"00000000000000000000000000000001", 1},
    {"4294967296", 4294967296},
    {"18446744073709551615", UINT64_MAX},
    {"0018446744073709551615", UINT64_MAX},
};

inline constexpr NumberVector kHexVectors[] = {
    {"0", 0},
    {"a", 10},
    {"F", 15},
    {"1aB", 0x1AB},
    {"000000000000000000000ff", 255},
    {"ffffffffffffffff", UINT64_MAX},
    {"0FFFFFFFFFFFFFFFF", UINT64_MAX},
};

inline constexpr std::string_view kRefusedDecimalVectors[] = {
    ""sv,
    " "sv,
    "+1"sv,
    "-1"sv,
    "-0"sv,
    " 1"sv,
    "1 "sv,
    "1,1"sv,
    "1.0"sv,
    "1e3"sv,
    "0x1"sv,
    "a"sv,
    "1_0"sv,
    "1\0"sv,
    "\0001"sv,
    "/"sv,
    ":"sv,
    "\xD9\xA1"sv,
    "1\r"sv,
    "18446744073709551616"sv,
    "18446744073709551620"sv,
    "99999999999999999999"sv,
    "184467440737095516150"sv,
    "36893488147419103232"sv,
    "340282366920938463463374607431768211456"sv,
};

inline constexpr std::string_view kRefusedHexVectors[] = {
    ""sv,
    "0x1"sv,
    "0X1"sv,
    "g"sv,
    "G"sv,
    "@"sv,
    "`"sv,
    "+a"sv,
    "-a"sv,
    " a"sv,
    "a "sv,
    "a;"sv,
    "a\0"sv,
    "10000000000000000"sv,
    "fffffffffffffffff"sv,
    "100000000000000000000000000000000"sv,
};

struct Hex32Vector {
  std::uint32_t value;
  std::string_view text;
};

inline constexpr Hex32Vector kHex32Vectors[] = {
    {0, "0x00000000"},
    {0xDEADBEEF, "0xdeadbeef"},
    {0x0000000F, "0x0000000f"},
    {0xFFFFFFFF, "0xffffffff"},
};

// Read, not written so.
inline constexpr Hex32Vector kReadHex32Vectors[] = {
    {0x0A1B2C3D, "0x0a1b2c3d"},
    {0x0A1B2C3D, "0X0A1B2C3D"},
    {0x0A1B2C3D, "0a1b2C3D"},
    {0x0A1B2C3D, "a1b2c3d"},
    {0x0A1B2C3D, "0xA1B2C3D"},
    {0, "0"},
    {0, "0x0"},
    {0, "00000000"},
    {0xFFFFFFFF, "ffffffff"},
};

inline constexpr std::string_view kRefusedHex32Vectors[] = {
    ""sv,      "0x"sv, "x"sv,    "0x123456789"sv, "123456789"sv, "000000001"sv,
    "0x0x1"sv, "x1"sv, "0x1 "sv, " 1"sv,          "+1"sv,        "-1"sv,
    "0x-1"sv,  "g"sv,  "1\0"sv,  "1,2"sv,         "00x1"sv,      "\"1\""sv,
};

}  // namespace wherry
