// SPDX-License-Identifier: MIT
// Accept fields and what they choose of HTML, JSON and plain text (RFC 9110 §12.5.1). Plain data
// without a test framework, so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry::http {

inline constexpr std::string_view kOfferedTypes[] = {"text/html", "application/json", "text/plain"};

struct AcceptVector {
  std::string_view fields;  // header lines, each with its CRLF
  int chosen;               // an index of kOfferedTypes, -1: none of them
};

inline constexpr AcceptVector kAcceptVectors[] = {
    {"", 0},
    {"Accept:\r\n", 0},
    {"Accept: , ,\r\n", 0},
    {"Accept: */*\r\n", 0},
    {"Accept: application/json\r\n", 1},
    {"accept: Application/JSON\r\n", 1},
    {"Accept: application/*\r\n", 1},
    {"Accept: text/plain\r\n", 2},
    {"Accept: text/*\r\n", 0},
    {"Accept: text/plain, text/html\r\n", 0},
    {"Accept: text/plain, text/html;q=0.9\r\n", 2},
    {"Accept: text/plain;q=0.5, application/json;q=0.501\r\n", 1},
    {"Accept: application/json, text/plain, */*\r\n", 0},
    {"Accept: application/json, text/plain;q=0.9, */*;q=0.8\r\n", 1},
    {"Accept: text/html;q=0, */*\r\n", 1},
    {"Accept: */*, text/html;q=0, application/*;q=0\r\n", 2},
    {"Accept: text/*;q=0.3, text/plain;q=0.7, */*;q=0.5\r\n", 2},
    {"Accept: */*;q=0.1, text/*;q=0.2\r\n", 0},
    {"Accept: image/png\r\n", -1},
    {"Accept: */*;q=0\r\n", -1},
    {"Accept: text/html;q=0\r\n", -1},
    {"Accept: text/html;q=0.000, text/plain;q=0.001\r\n", 2},
    {"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8\r\n", 0},
    {"Accept: application/json;charset=utf-8\r\n", 1},
    {"Accept: application/json;profile=\"a,text/html\";q=1\r\n", 1},
    {"Accept: application/json;profile=\"a\\\",text/html\"\r\n", 1},
    {"Accept: application/json ; Q=1 , text/html ;q=0.5\r\n", 1},
    {"Accept: text/html;q=0.5\r\nAccept: application/json\r\n", 1},
    // malformed ranges are skipped
    {"Accept: html, application/json\r\n", 1},
    {"Accept: */html, application/json\r\n", 1},
    {"Accept: text/html;q=2, application/json;q=0.1\r\n", 1},
    {"Accept: text/html;q=1.001, application/json;q=0.1\r\n", 1},
    {"Accept: text/html;q=0.1234, application/json;q=0.1\r\n", 1},
    {"Accept: text/html;q=.9, application/json;q=0.1\r\n", 1},
    {"Accept: text/html;q=-1, application/json;q=0.1\r\n", 1},
    {"Accept: text/html;q=, application/json;q=0.1\r\n", 1},
    {"Accept: text/html/x, application/json;q=0.1\r\n", 1},
    {"Accept: text/html;q=1., application/json\r\n", 0},
    {"Accept: nonsense\r\n", -1},
};

}  // namespace wherry::http
