// SPDX-License-Identifier: MIT
// Text that is UTF-8 and text that is not (RFC 3629 §4). Plain data without a test framework, so
// that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry {

using namespace std::string_view_literals;

inline constexpr std::string_view kValidUtf8Vectors[] = {
    ""sv,
    "plain"sv,
    "\0"sv,
    "\x7F"sv,
    "\xC2\x80"sv,
    "\xDF\xBF"sv,
    "\xE0\xA0\x80"sv,
    "\xED\x9F\xBF"sv,
    "\xEE\x80\x80"sv,
    "\xEF\xBF\xBF"sv,
    "\xEF\xBB\xBFmark"sv,
    "\xF0\x90\x80\x80"sv,
    "\xF4\x8F\xBF\xBF"sv,
    "na\xC3\xAFve \xE2\x82\xAC \xF0\x9F\x98\x80."sv,
};

inline constexpr std::string_view kInvalidUtf8Vectors[] = {
    "\x80"sv,
    "\xBF"sv,
    "a\x80"sv,  // a continuation alone
    "\xC0\x80"sv,
    "\xC0\xAF"sv,
    "\xC1\xBF"sv,  // overlong: NUL, slash
    "\xE0\x80\xAF"sv,
    "\xE0\x9F\xBF"sv,
    "\xF0\x80\x80\xAF"sv,
    "\xF0\x8F\xBF\xBF"sv,
    "\xED\xA0\x80"sv,
    "\xED\xBF\xBF"sv,
    "\xED\xA0\xBD\xED\xB8\x80"sv,  // surrogates, a pair too
    "\xF4\x90\x80\x80"sv,
    "\xF5\x80\x80\x80"sv,
    "\xF7\xBF\xBF\xBF"sv,  // above U+10FFFF
    "\xF8\x88\x80\x80\x80"sv,
    "\xFC\x84\x80\x80\x80\x80"sv,
    "\xFE"sv,
    "\xFF"sv,
    "\xC3"sv,
    "\xC3("sv,
    "\xE2\x82"sv,
    "\xE2\x82("sv,
    "\xE2(\xA1"sv,
    "\xF0\x9F\x98"sv,
    "\xF0\x9F\x98("sv,
    "\xF0(\x98\x80"sv,
    "\xC3\xC3\xA9"sv,
    "\xC3\xA9\xA9"sv,
};

}  // namespace wherry
