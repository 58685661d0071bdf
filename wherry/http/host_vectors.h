// SPDX-License-Identifier: MIT
// What may stand in Host, and what may not (RFC 3986 §3.2.2). Plain data without a test framework,
// so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry::http {

inline constexpr std::string_view kHostVectors[] = {
    "",
    "a",
    "example.org",
    "example.org:80",
    "192.168.0.10:8000",
    "[::1]",
    "[::1]:8000",
    "[fe80::1:192.0.2.1]",
    "my_device.local",
    "a%20b",
    "a:",
    "xn--bcher-kva.example",
    "[::]:",
};

inline constexpr std::string_view kRefusedHostVectors[] = {
    "a b",    "a/b",     "a?b",     "a#b",     "a@b", "a\\b", "a\"b", "a<b",      "a,b c",
    "a:b",    "a:80:80", "a:-1",    "a:8 ",    "::1", "[::1", "::1]", "[]",       "[]:80",
    "[::1]a", "[g::]",   "[::1]:a", "[a]b:80", "a%2", "a%zz", "%",    "\xc3\xa9", "a\tb",
};

}  // namespace wherry::http
