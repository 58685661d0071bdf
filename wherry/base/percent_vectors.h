// SPDX-License-Identifier: MIT
// Percent-encoded text and what it stands for (RFC 3986 §2.1). Plain data without a test framework,
// so that a board can run through it too.
#pragma once

#include <string_view>

#include "wherry/base/percent.h"

namespace wherry {

using namespace std::string_view_literals;

struct PercentVector {
  std::string_view from;
  std::string_view decoded;
};

inline constexpr PercentVector kPercentDecodeVectors[] = {
    {""sv, ""sv},
    {"plain"sv, "plain"sv},
    {"a%20b"sv, "a b"sv},
    {"%41%5a%5A%7E"sv, "AZZ~"sv},
    {"%2525"sv, "%25"sv},
    {"%252e%252e"sv, "%2e%2e"sv},
    {"%25%32%35"sv, "%25"sv},
    {"a+b"sv, "a+b"sv},
    {"%2f%2F%5c"sv, "//\\"sv},
    {"%00"sv, "\0"sv},
    {"%ff%C3%A9"sv, "\xFF\xC3\xA9"sv},
    {"\xC3\xA9"sv, "\xC3\xA9"sv},
    {"%0d%0A"sv, "\r\n"sv},
};

inline constexpr std::string_view kRefusedPercentVectors[] = {
    "%"sv,   "%4"sv,  "a%"sv,  "a%4"sv, "%%"sv,  "%%41"sv,   "%4%41"sv, "%g1"sv,
    "%1g"sv, "% 1"sv, "%+1"sv, "%-1"sv, "%0x"sv, "%u0041"sv, "%1\0"sv,  "%\xEF\xBC\x91"sv,
};

using PercentEncoder = void (*)(std::string_view, TextWriter&) noexcept;

struct PercentEncodeVector {
  PercentEncoder encoder;
  std::string_view text;
  std::string_view encoded;
};

inline constexpr PercentEncodeVector kPercentEncodeVectors[] = {
    {percent_encode_path, "a b/\xC3\xA9?#%\n", "a%20b/%C3%A9%3F%23%25%0A"},
    {percent_encode_component, "a b/c+d", "a%20b%2Fc%2Bd"},
    {percent_encode_attribute, "na\xC3\xAFve 'x'.txt", "na%C3%AFve%20%27x%27.txt"},
};

}  // namespace wherry
