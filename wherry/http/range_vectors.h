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
  // "whole", "unsatisfiable", or first and size of each range: "0+500,600+1".
  std::string_view expected;
};

inline constexpr RangeVector kSatisfiableRangeVectors[] = {
    {"bytes=0-499", 1000, "0+500"},
    {"bytes=500-999", 1000, "500+500"},
    {"bytes=999-999", 1000, "999+1"},
    {"bytes=0-0", 1000, "0+1"},
    {"bytes=990-1000", 1000, "990+10"},
    {"bytes=990-99999999999999999999999", 1000, "990+10"},
    {"bytes=500-", 1000, "500+500"},
    {"bytes=0-", 1, "0+1"},
    {"bytes=-10", 1000, "990+10"},
    {"bytes=-1000", 1000, "0+1000"},
    {"bytes=-1001", 1000, "0+1000"},
    {"bytes=-99999999999999999999999", 1000, "0+1000"},
    {"bytes=0-", UINT64_MAX, "0+18446744073709551615"},
    {"bytes=-18446744073709551615", UINT64_MAX, "0+18446744073709551615"},
    {"bytes=18446744073709551614-", UINT64_MAX, "18446744073709551614+1"},
    {"bytes=0000000000000000000000001-2", 10, "1+2"},
    {"Bytes=0-1", 10, "0+2"},
    {"bytes=,, 0-1 ,\t,", 10, "0+2"},
};

inline constexpr RangeVector kUnsatisfiableRangeVectors[] = {
    {"bytes=1000-", 1000, "unsatisfiable"},
    {"bytes=1000-1000", 1000, "unsatisfiable"},
    {"bytes=99999999999999999999999-", 1000, "unsatisfiable"},
    {"bytes=18446744073709551616-", UINT64_MAX, "unsatisfiable"},
    {"bytes=18446744073709551615-", UINT64_MAX, "unsatisfiable"},
    {"bytes=-0", 1000, "unsatisfiable"},
    {"bytes=-0", 0, "unsatisfiable"},
    {"bytes=-5", 0, "unsatisfiable"},
    {"bytes=0-", 0, "unsatisfiable"},
    {"bytes=0-0", 0, "unsatisfiable"},
};

// Answered with the whole representation.
inline constexpr RangeVector kIgnoredRangeVectors[] = {
    {"", 1000, "whole"},
    {"bytes", 1000, "whole"},
    {"bytes=", 1000, "whole"},
    {"bytes=,", 1000, "whole"},
    {"bytes=-", 1000, "whole"},
    {"bytes=5", 1000, "whole"},
    {"bytes=5-4", 1000, "whole"},
    {"bytes=1001-1000", 1000, "whole"},
    {"bytes=a-b", 1000, "whole"},
    {"bytes=1-2x", 1000, "whole"},
    {"bytes=x1-2", 1000, "whole"},
    {"bytes=--5", 1000, "whole"},
    {"bytes=1--5", 1000, "whole"},
    {"bytes=+1-5", 1000, "whole"},
    {"bytes=0x1-5", 1000, "whole"},
    {"bytes=1 - 5", 1000, "whole"},
    {"bytes =1-5", 1000, "whole"},
    {" bytes=1-5", 1000, "whole"},
    {"bytes:1-5", 1000, "whole"},
    {"items=0-5", 1000, "whole"},
    {"bytesx=0-5", 1000, "whole"},
    {"bytes=0-1,x", 1000, "whole"},
    {"bytes=x,0-1", 1000, "whole"},
    {"bytes=0-1,5-4", 1000, "whole"},
    {"bytes=0-1,,-", 1000, "whole"},
    {"bytes=5000-,x", 1000, "whole"},
    {"bytes=0-1;5-6", 1000, "whole"},
    // 17 ranges; the 18th would make one of them
    {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30,"
     "32-32,0-",
     1000, "whole"},
    // 65 elements, however little they ask for
    {"bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,"
     "0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,"
     "0-,0-,0-,0-,0-",
     1000, "whole"},
};

inline constexpr RangeVector kSeveralRangeVectors[] = {
    {"bytes=0-1,5-6", 1000, "0+2,5+2"},
    {"bytes=5-6 ,\t0-1", 1000, "5+2,0+2"},
    {"bytes=0-0,-1", 1000, "0+1,999+1"},
    {"bytes=-1,0-0", 1000, "999+1,0+1"},
    {"bytes=500-600,601-999", 1000, "500+500"},
    {"bytes=500-700,601-999", 1000, "500+500"},
    {"bytes=601-999,500-600", 1000, "500+500"},
    {"bytes=0-,0-,0-", 1000, "0+1000"},
    {"bytes=0-9,20-29,5-24", 1000, "0+30"},
    {"bytes=20-29,0-9,40-49,5-24", 1000, "0+30,40+10"},
    {"bytes=40-49,20-29,0-9,5-24", 1000, "40+10,0+30"},
    {"bytes=40-49,20-29,0-9,-1000", 1000, "0+1000"},
    {"bytes=0-0,2-2,4-4,1-1", 1000, "0+3,4+1"},
    {"bytes=0-0,2-2,4-4,3-3", 1000, "0+1,2+3"},
    {"bytes=0-1,5000-,5-6", 1000, "0+2,5+2"},
    {"bytes=5000-,6-6", 1000, "6+1"},
    {"bytes=-0,6-6", 1000, "6+1"},
    {"bytes=5000-,6000-", 1000, "unsatisfiable"},
    {"bytes=0-0,1-1", 0, "unsatisfiable"},
    {"bytes=0-0,18446744073709551613-", UINT64_MAX, "0+1,18446744073709551613+2"},
    {"bytes=0-9223372036854775807,9223372036854775808-", UINT64_MAX, "0+18446744073709551615"},
    // 16 ranges
    {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30",
     1000, "0+1,2+1,4+1,6+1,8+1,10+1,12+1,14+1,16+1,18+1,20+1,22+1,24+1,26+1,28+1,30+1"},
    // and some that make fewer of them
    {"bytes=0-0,2-2,4-4,6-6,8-8,10-10,12-12,14-14,16-16,18-18,20-20,22-22,24-24,26-26,28-28,30-30,"
     "1-29,32-32,31-31,5-5,5-5,5-5,,,",
     1000, "0+33"},
    // 64 elements
    {"bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,"
     "0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,0-,"
     "0-,0-,0-,0-",
     1000, "0+1000"},
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
