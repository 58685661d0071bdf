// SPDX-License-Identifier: MIT
// Text from the network, and how it reads in a log and in a page. Plain data without a test
// framework, so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry {

using namespace std::string_view_literals;

// Left as they are in a log.
inline constexpr std::string_view kPlainLogVectors[] = {
    ""sv,
    "report 2024 (1).txt"sv,
    "a'b&c<d>"sv,
    "%41"sv,
    "na\xC3\xAFve"sv,
    "\xE2\x82\xAC"sv,
    "\xE6\x96\x87\xE4\xBB\xB6"sv,
    "\xF0\x9F\x98\x80"sv,
    "\xC2\xA0"sv,
    "\xE2\x80\xA7"sv,
    "\xE2\x80\xAF"sv,
};

struct EscapeVector {
  std::string_view text;
  std::string_view escaped;
};

inline constexpr EscapeVector kLogTextVectors[] = {
    {"a\nb\r\n"sv, R"(a\x0ab\x0d\x0a)"sv},
    {"\0"sv, R"(\x00)"sv},
    {"\x1B[2J"sv, R"(\x1b[2J)"sv},
    {"\t\x1F\x7F"sv, R"(\x09\x1f\x7f)"sv},
    {R"(a"b\c)"sv, R"(a\x22b\x5cc)"sv},
    {R"(\x0a)"sv, R"(\x5cx0a)"sv},
    {"\xC2\x80\xC2\x9B\xC2\x9F"sv, R"(\xc2\x80\xc2\x9b\xc2\x9f)"sv},  // C1
    {"\x9B"sv, R"(\x9b)"sv},                                          // CSI in one byte
    {"\xE2\x80\xA8\xE2\x80\xA9"sv, R"(\xe2\x80\xa8\xe2\x80\xa9)"sv},  // U+2028, U+2029
    {"\xE2\x80\xAEgpj.exe"sv, R"(\xe2\x80\xaegpj.exe)"sv},            // U+202E
    {"\xD8\x9C"sv, R"(\xd8\x9c)"sv},                                  // U+061C
    {"\xE2\x80\x8E\xE2\x80\x8F"sv, R"(\xe2\x80\x8e\xe2\x80\x8f)"sv},  // U+200E, U+200F
    {"\xE2\x80\xAA"sv, R"(\xe2\x80\xaa)"sv},                          // U+202A
    {"\xE2\x81\xA6\xE2\x81\xA9"sv, R"(\xe2\x81\xa6\xe2\x81\xa9)"sv},  // U+2066, U+2069
    {"\xC0\x8A"sv, R"(\xc0\x8a)"sv},                                  // overlong LF
    {"\xED\xA0\x80"sv, R"(\xed\xa0\x80)"sv},                          // surrogate
    {"a\xE2\x82"sv, R"(a\xe2\x82)"sv},                                // cut
    {"\xE2\x82\xC3\xA9"sv, "\\xe2\\x82\xC3\xA9"sv},  // what follows the fault is read afresh
    {"\xC3\n"sv, R"(\xc3\x0a)"sv},
};

inline constexpr EscapeVector kHtmlVectors[] = {
    {"plain text", "plain text"},
    {R"(<a href="x" title='y'>&amp;)", "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;"},
};

}  // namespace wherry
