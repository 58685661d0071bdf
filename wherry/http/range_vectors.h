// SPDX-License-Identifier: MIT
// Range fields and what they select (RFC 9110 §14). Plain data without a test framework, so that a
// board can run through it too.
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/http/range.h"

namespace wherry::http {

struct RangeVector {
  std::string_view value;
  std::uint64_t size;  // bytes of the representation
  RangeSelection expected = {};
};

constexpr RangeSelection single_range(std::uint64_t first, std::uint64_t size) {
  return {RangeSelection::Kind::single, {first, size}};
}

inline constexpr RangeSelection kUnsatisfiableRange{RangeSelection::Kind::unsatisfiable, {}};

inline constexpr RangeVector kSatisfiableRangeVectors[] = {
    {"bytes=0-499", 1000, single_range(0, 500)},
    {"bytes=500-999", 1000, single_range(500, 500)},
    {"bytes=999-999", 1000, single_range(999, 1)},
    {"bytes=0-0", 1000, single_range(0, 1)},
    {"bytes=990-1000", 1000, single_range(990, 10)},
    {"bytes=990-99999999999999999999999", 1000, single_range(990, 10)},
    {"bytes=500-", 1000, single_range(500, 500)},
    {"bytes=0-", 1, single_range(0, 1)},
    {"bytes=-10", 1000, single_range(990, 10)},
    {"bytes=-1000", 1000, single_range(0, 1000)},
    {"bytes=-1001", 1000, single_range(0, 1000)},
    {"bytes=-99999999999999999999999", 1000, single_range(0, 1000)},
    {"bytes=0-", UINT64_MAX, single_range(0, UINT64_MAX)},
    {"bytes=-18446744073709551615", UINT64_MAX, single_range(0, UINT64_MAX)},
    {"bytes=18446744073709551614-", UINT64_MAX, single_range(UINT64_MAX - 1, 1)},
    {"bytes=0000000000000000000000001-2", 10, single_range(1, 2)},
    {"Bytes=0-1", 10, single_range(0, 2)},
    {"bytes=,, 0-1 ,\t,", 10, single_range(0, 2)},
};

inline constexpr RangeVector kUnsatisfiableRangeVectors[] = {
    {"bytes=1000-", 1000, kUnsatisfiableRange},
    {"bytes=1000-1000", 1000, kUnsatisfiableRange},
    {"bytes=99999999999999999999999-", 1000, kUnsatisfiableRange},
    {"bytes=18446744073709551616-", UINT64_MAX, kUnsatisfiableRange},
    {"bytes=18446744073709551615-", UINT64_MAX, kUnsatisfiableRange},
    {"bytes=-0", 1000, kUnsatisfiableRange},
    {"bytes=-0", 0, kUnsatisfiableRange},
    {"bytes=-5", 0, kUnsatisfiableRange},
    {"bytes=0-", 0, kUnsatisfiableRange},
    {"bytes=0-0", 0, kUnsatisfiableRange},
};

// Answered with the whole representation.
inline constexpr RangeVector kIgnoredRangeVectors[] = {
    {"", 1000},
    {"bytes", 1000},
    {"bytes=", 1000},
    {"bytes=,", 1000},
    {"bytes=-", 1000},
    {"bytes=5", 1000},
    {"bytes=5-4", 1000},
    {"bytes=1001-1000", 1000},
    {"bytes=a-b", 1000},
    {"bytes=1-2x", 1000},
    {"bytes=x1-2", 1000},
    {"bytes=--5", 1000},
    {"bytes=1--5", 1000},
    {"bytes=+1-5", 1000},
    {"bytes=0x1-5", 1000},
    {"bytes=1 - 5", 1000},
    {"bytes =1-5", 1000},
    {" bytes=1-5", 1000},
    {"bytes:1-5", 1000},
    {"items=0-5", 1000},
    {"bytesx=0-5", 1000},
    {"bytes=0-1,5-6", 1000},
    {"bytes=0-,0-,0-", 1000},
    {"bytes=5000-,6000-", 1000},
    {"bytes=0-1,x", 1000},
};

struct ContentRangeVector {
  ByteRange range;
  std::uint64_t size;
  std::string_view text;
};

inline constexpr ContentRangeVector kContentRangeVectors[] = {
    {{0, 100}, 1000, "bytes 0-99/1000"},
    {{999, 1}, 1000, "bytes 999-999/1000"},
    {{UINT64_MAX - 1, 1},
     UINT64_MAX,
     "bytes 18446744073709551614-18446744073709551614/18446744073709551615"},
};

}  // namespace wherry::http
