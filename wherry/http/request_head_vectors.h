// SPDX-License-Identifier: MIT
// Request heads and what becomes of them: one row for each rule of RFC 9112 §2 to §5. Plain data
// without a test framework, so that a board can run through it too.
#pragma once

#include <string_view>

#include "wherry/base/error.h"
#include "wherry/http/request_head.h"

namespace wherry::http {

struct RequestHeadVector {
  std::string_view rule;
  std::string_view head;
  Error error;  // of the scan or of the parse; none = valid
};

/// The limits that the rows were written for: a request line of 40 bytes, a head of 160.
inline constexpr HeadLimits kVectorLimits{40, 160};

inline constexpr RequestHeadVector kRequestHeadVectors[] = {
    {"3: the smallest request", {"GET / HTTP/1.1\r\n\r\n"}, Error::none},
    {"3: fields follow the request line", {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"}, Error::none},
    {"3: an unknown method is valid", {"BREW /pot HTTP/1.1\r\n\r\n"}, Error::none},
    {"3: any token is a method", {"!#$%&'*+-.^_`|~09 / HTTP/1.1\r\n\r\n"}, Error::none},
    {"2.2: an empty line may come first", {"\r\nGET / HTTP/1.1\r\n\r\n"}, Error::none},
    {"2.2: two empty lines", {"\r\n\r\nGET / HTTP/1.1\r\n\r\n"}, Error::none},
    {"2.2: but not many", {"\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"2.2: bare LF ends no request line", {"GET / HTTP/1.1\nHost: a\r\n\r\n"}, Error::malformed},
    {"2.2: bare LF ends no field line", {"GET / HTTP/1.1\r\nHost: a\n\r\n"}, Error::malformed},
    {"2.2: bare LF ends no head", {"GET / HTTP/1.1\r\nHost: a\r\n\n"}, Error::malformed},
    {"2.2: bare LF is no empty line", {"\nGET / HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"2.2: bare CR in the request line", {"GET /\r HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"2.2: bare CR in a value", {"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"}, Error::malformed},
    {"2.2: CR CR LF", {"GET / HTTP/1.1\r\r\n\r\n"}, Error::malformed},
    {"2.2: CR CR LF after a field", {"GET / HTTP/1.1\r\nA: b\r\r\n\r\n"}, Error::malformed},
    {"2.2: white space before the first field",
     {"GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
     Error::malformed},
    {"2.2: a tab before the first field",
     {"GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"},
     Error::malformed},

    {"3: no target and no version", {"GET\r\n\r\n"}, Error::malformed},
    {"3: no version, as in HTTP/0.9", {"GET /\r\n\r\n"}, Error::malformed},
    {"3: no method", {" / HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: no target", {"GET  HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: two spaces before the target", {"GET  / HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: two spaces after the target", {"GET /  HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: a space in the target", {"GET /a b HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: a space before the method", {" GET / HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: a space after the version", {"GET / HTTP/1.1 \r\n\r\n"}, Error::malformed},
    {"3: a tab is no separator", {"GET\t/\tHTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: a tab in the target", {"GET /a\tb HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: the method is a token", {"G@T / HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3: the method has no colon", {"GET: / HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3.2: NUL in the target", {"GET /a\0b HTTP/1.1\r\n\r\n", 22}, Error::malformed},
    {"3.2: a control byte in the target", {"GET /a\x01 HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3.2: DEL in the target", {"GET /a\x7f HTTP/1.1\r\n\r\n"}, Error::malformed},
    {"3.2: UTF-8 in the target is let through", {"GET /\xc3\xa9 HTTP/1.1\r\n\r\n"}, Error::none},
    {"3: a request line of max_readline",
     {"GET /56789012345678901234567890 HTTP/1.1\r\n\r\n"},
     Error::none},
    {"3: one byte more",
     {"GET /567890123456789012345678901 HTTP/1.1\r\n\r\n"},
     Error::uri_too_long},
    {"3: the limit counts before what is wrong behind it",
     {"GET /56789012345678901234567890123456789\x01\r\n\r\n"},
     Error::uri_too_long},

    {"2.3: HTTP/1.0", {"GET / HTTP/1.0\r\n\r\n"}, Error::none},
    {"2.3: a later minor version", {"GET / HTTP/1.9\r\n\r\n"}, Error::none},
    {"2.3: another major version", {"GET / HTTP/2.0\r\n\r\n"}, Error::version_not_supported},
    {"2.3: HTTP/2 with prior knowledge", {"PRI * HTTP/2.0\r\n\r\n"}, Error::version_not_supported},
    {"2.3: HTTP/0.9 spelled out", {"GET / HTTP/0.9\r\n\r\n"}, Error::version_not_supported},
    {"2.3: the name is in upper case", {"GET / http/1.1\r\n\r\n"}, Error::malformed},
    {"2.3: no minor version", {"GET / HTTP/1\r\n\r\n"}, Error::malformed},
    {"2.3: one digit", {"GET / HTTP/1.10\r\n\r\n"}, Error::malformed},
    {"2.3: one digit each", {"GET / HTTP/11.1\r\n\r\n"}, Error::malformed},
    {"2.3: digits", {"GET / HTTP/1.x\r\n\r\n"}, Error::malformed},
    {"2.3: a point", {"GET / HTTP/1,1\r\n\r\n"}, Error::malformed},
    {"2.3: HTTP", {"GET / HTTQ/1.1\r\n\r\n"}, Error::malformed},
    {"2.3: a slash", {"GET / HTTP 1.1\r\n\r\n"}, Error::malformed},

    {"5: an empty value", {"GET / HTTP/1.1\r\nA:\r\n\r\n"}, Error::none},
    {"5: white space around a value", {"GET / HTTP/1.1\r\nA: \t b \t\r\n\r\n"}, Error::none},
    {"5: a colon in a value", {"GET / HTTP/1.1\r\nHost: a:80\r\n\r\n"}, Error::none},
    {"5: obs-text in a value", {"GET / HTTP/1.1\r\nA: \xff\xc3\xa9\r\n\r\n"}, Error::none},
    {"5: no colon", {"GET / HTTP/1.1\r\nHost\r\n\r\n"}, Error::malformed},
    {"5: an empty name", {"GET / HTTP/1.1\r\n: a\r\n\r\n"}, Error::malformed},
    {"5.1: a space before the colon", {"GET / HTTP/1.1\r\nHost : a\r\n\r\n"}, Error::malformed},
    {"5.1: a tab before the colon", {"GET / HTTP/1.1\r\nHost\t: a\r\n\r\n"}, Error::malformed},
    {"5.1: a space in a name", {"GET / HTTP/1.1\r\nHo st: a\r\n\r\n"}, Error::malformed},
    {"5.1: a name is a token", {"GET / HTTP/1.1\r\nHo(st: a\r\n\r\n"}, Error::malformed},
    {"5.1: no UTF-8 in a name", {"GET / HTTP/1.1\r\nH\xc3\xb6st: a\r\n\r\n"}, Error::malformed},
    {"5.2: obs-fold", {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"}, Error::malformed},
    {"5.2: obs-fold with a tab", {"GET / HTTP/1.1\r\nA: b\r\n\tc: d\r\n\r\n"}, Error::malformed},
    {"5.5: NUL in a value", {"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 26}, Error::malformed},
    {"5.5: NUL in a name", {"GET / HTTP/1.1\r\nA\0: b\r\n\r\n", 25}, Error::malformed},
    {"5.5: a control byte in a value", {"GET / HTTP/1.1\r\nA: \x1b[0m\r\n\r\n"}, Error::malformed},
    {"5.5: DEL in a value", {"GET / HTTP/1.1\r\nA: \x7f\r\n\r\n"}, Error::malformed},
    {"a head of max_header_bytes",
     "GET / HTTP/1.1\r\nA: 012345678901234567890123456789012345678901234567890123456789"
     "012345678901234567890123456789012345678901234567890123456789"
     "01234567890123456\r\n\r\n",
     Error::none},
    {"a head of one byte more",
     "GET / HTTP/1.1\r\nA: 012345678901234567890123456789012345678901234567890123456789"
     "012345678901234567890123456789012345678901234567890123456789"
     "012345678901234567\r\n\r\n",
     Error::header_too_large},
    {"many small fields",
     {"GET / HTTP/1.1\r\nA:1\r\nA:2\r\nA:3\r\nA:4\r\nA:5\r\nA:6\r\nA:7\r\nA:8\r\nA:9\r\nA:1\r\n"
      "A:1\r\nA:2\r\nA:3\r\nA:4\r\nA:5\r\nA:6\r\nA:7\r\nA:8\r\nA:9\r\nA:1\r\n"
      "A:1\r\nA:2\r\nA:3\r\nA:4\r\nA:5\r\nA:6\r\nA:7\r\nA:8\r\nA:9\r\nA:1\r\n\r\n"},
     Error::header_too_large},
    {"a TLS client that talks to the wrong port",
     {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11},
     Error::malformed},
};

}  // namespace wherry::http
