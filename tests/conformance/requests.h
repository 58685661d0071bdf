// SPDX-License-Identifier: MIT
// Requests, and what the transfer service answers to them. Each row holds one demand of the source
// that it names; "!" behind a status means that the reply says that the connection ends.
#pragma once

#include <cstddef>
#include <string_view>

namespace wherry::conformance {

struct Row {
  std::string_view source;
  std::string_view input;    // the whole of what one client sends, before it ends sending
  std::string_view replies;  // statuses in order
  // Lines that the last reply must have, and that it must not have.
  std::string_view has = "";
  std::string_view has_not = "";
};

/// A text with NUL in it.
template <std::size_t N>
constexpr std::string_view whole(const char (&literal)[N]) {
  return {literal, N - 1};
}

// What most requests end with.
#define HOST "Host: wherry.test\r\n"
#define END HOST "\r\n"

// The storage holds `old.txt`: "0123456789", of Tue, 14 Nov 2023 22:13:20 GMT.
#define OLD "/download/file/old.txt"
#define ITS_DATE "Tue, 14 Nov 2023 22:13:20 GMT"

// 130 of them.
#define DIGITS                                                        \
  "01234567890123456789012345678901234567890123456789012345678901234" \
  "01234567890123456789012345678901234567890123456789012345678901234"

constexpr Row kRows[] = {
    // ---------------------------------------------------------------- message format
    {"RFC 9112 §2.1: start line, fields, empty line", "GET / HTTP/1.1\r\n" END, "200"},
    {"RFC 9112 §2.2: an empty line before the request line is ignored",
     "\r\nGET / HTTP/1.1\r\n" END, "200"},
    {"RFC 9112 §2.2: white space before the first field is refused",
     "GET / HTTP/1.1\r\n X: y\r\n" END, "400!"},
    {"RFC 9112 §2.2: a bare LF is no line end", "GET / HTTP/1.1\nHost: a\n\n", "400!"},
    {"RFC 9112 §2.2: a bare CR is refused", "GET / HTTP/1.1\r\nX: a\rb\r\n" END, "400!"},
    {"RFC 9110 §5.5: NUL in a field is refused",
     whole("GET / HTTP/1.1\r\nX: a\0b\r\nHost: a\r\n\r\n"), "400!"},
    {"RFC 9112 §2.3: the version is case-sensitive", "GET / http/1.1\r\n" END, "400!"},
    {"RFC 9110 §2.5: a higher minor version is answered as 1.1", "GET / HTTP/1.9\r\n" END, "200"},
    {"RFC 9110 §15.6.6: another major version", "GET / HTTP/2.0\r\n" END, "505!"},
    {"RFC 9110 §15.6.6: the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505!"},
    {"RFC 9112 §3: one space between the parts of the request line", "GET  / HTTP/1.1\r\n" END,
     "400!"},
    {"RFC 9112 §3: a space in the target is refused", "GET /a b HTTP/1.1\r\n" END, "400!"},
    {"RFC 9112 §3: HTTP/0.9 is refused", "GET /\r\n\r\n", "400!"},
    {"RFC 9112 §5.1: no space before the colon", "GET / HTTP/1.1\r\nX : y\r\n" END, "400!"},
    {"RFC 9112 §5.2: obsolete line folding is refused", "GET / HTTP/1.1\r\nX: y\r\n z\r\n" END,
     "400!"},
    {"RFC 9110 §5.6.2: a field name is a token", "GET / HTTP/1.1\r\nX(): y\r\n" END, "400!"},
    {"RFC 9110 §5.6.2: a field name is not empty", "GET / HTTP/1.1\r\n: y\r\n" END, "400!"},
    {"RFC 9110 §5.1: field names in any case",
     "PUT /upload/a HTTP/1.1\r\nhOsT: a\r\n"
     "CONTENT-length: 1\r\n\r\nx",
     "201"},

    // ---------------------------------------------------------------- target and host
    {"RFC 9112 §3.2: no Host", "GET / HTTP/1.1\r\n\r\n", "400!"},
    {"RFC 9112 §3.2: two Hosts", "GET / HTTP/1.1\r\n" HOST END, "400!"},
    {"RFC 9112 §3.2: a bad Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400!"},
    {"RFC 9112 §3.2: an empty Host is one", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "200"},
    {"RFC 9112 §3.2.2: absolute-form", "GET http://other.test/?q HTTP/1.1\r\n" END, "200"},
    {"RFC 9112 §3.2.3: authority-form is for CONNECT alone", "GET a.test:80 HTTP/1.1\r\n" END,
     "400!"},
    {"RFC 9112 §3.2.4: asterisk-form", "OPTIONS * HTTP/1.1\r\n" END, "204", "Allow: "},
    {"RFC 9112 §3.2.4: for OPTIONS alone", "GET * HTTP/1.1\r\n" END, "400!"},
    {"RFC 9112 §3.2: no fragment in a target", "GET /#a HTTP/1.1\r\n" END, "400!"},
    {"RFC 3986 §2.1: a broken escape", "GET /%4 HTTP/1.1\r\n" END, "400!"},
    {"RFC 3986 §6.2.2.2: an escaped letter is the letter",
     "GET /d%6Fwnload/file/%6Fld.txt HTTP/1.1\r\n" END, "200"},

    // ---------------------------------------------------------------- methods
    {"RFC 9110 §9.1: methods are case-sensitive", "get / HTTP/1.1\r\n" END, "405", "Allow: "},
    {"RFC 9110 §9.3.2: HEAD has the fields of GET and no body", "HEAD " OLD " HTTP/1.1\r\n" END,
     "200", "Content-Length: 10"},
    {"RFC 9110 §9.3.4: PUT that creates", "PUT /upload/a HTTP/1.1\r\nContent-Length: 1\r\n" END "x",
     "201", "Location: /download/file/a"},
    {"RFC 9110 §9.3.4: PUT that replaces",
     "PUT /upload/old.txt HTTP/1.1\r\nContent-Length: 1\r\n" END "x", "200"},
    {"RFC 9110 §14.5: PUT with Content-Range",
     "PUT /upload/a HTTP/1.1\r\nContent-Range: bytes 0-0/2\r\nContent-Length: 1\r\n" END "x",
     "400"},
    {"RFC 9110 §9.3.7: OPTIONS", "OPTIONS " OLD " HTTP/1.1\r\n" END, "204",
     "Allow: GET, HEAD, OPTIONS", "Content-Length"},
    {"RFC 9110 §15.5.6: 405 lists the methods", "DELETE " OLD " HTTP/1.1\r\n" END, "405",
     "Allow: GET, HEAD, OPTIONS"},
    {"RFC 9110 §9.3.6: CONNECT is not served", "CONNECT a.test:443 HTTP/1.1\r\n" END, "400!"},

    // ---------------------------------------------------------------- framing
    {"RFC 9112 §6.2: Content-Length",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 3\r\n" END "abcGET / HTTP/1.1\r\n" END, "201 200"},
    {"RFC 9112 §6.3: both framings",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n" END
     "0\r\n\r\n",
     "400!"},
    {"RFC 9112 §6.3: two lengths",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n" END "abcd", "400!"},
    {"RFC 9112 §6.3: the same length twice",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n" END "abc", "400!"},
    {"RFC 9112 §6.3: a list of lengths",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 3, 3\r\n" END "abc", "400!"},
    {"RFC 9110 §8.6: a sign", "PUT /upload/a HTTP/1.1\r\nContent-Length: +3\r\n" END "abc", "400!"},
    {"RFC 9110 §8.6: a negative length", "PUT /upload/a HTTP/1.1\r\nContent-Length: -3\r\n" END,
     "400!"},
    {"RFC 9110 §8.6: over 64 bits",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n" END, "400!"},
    {"RFC 9110 §8.6: hexadecimal", "PUT /upload/a HTTP/1.1\r\nContent-Length: 0x3\r\n" END "abc",
     "400!"},
    {"RFC 9112 §6.1: an unknown coding",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n" END, "501!"},
    {"RFC 9112 §6.3: chunked is not the last coding",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n" END, "400!"},
    {"RFC 9112 §6.1: chunked twice",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n" END, "400!"},
    {"RFC 9112 §6.1: no coding in HTTP/1.0",
     "PUT /upload/a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n" END "0\r\n\r\n", "400!"},
    {"RFC 9112 §6.3: neither framing means no body",
     "PUT /upload/a HTTP/1.1\r\n" END "GET / HTTP/1.1\r\n" END, "201 200"},
    {"RFC 9112 §6.3: fewer bytes than declared are no message",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 9\r\n" END "abc", ""},

    // ---------------------------------------------------------------- chunks
    {"RFC 9112 §7.1: chunks",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
     "3\r\nabc\r\n0\r\n\r\nGET / HTTP/1.1\r\n" END,
     "201 200"},
    {"RFC 9112 §7.1: sizes in both cases, with leading zeros",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n" END
     "00A\r\n0123456789\r\nb\r\n01234567890\r\n000\r\n\r\n",
     "201"},
    {"RFC 9112 §7.1.1: extensions are ignored",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
     "1;a=b;c=\"d\\\"\"\r\nx\r\n0;e\r\n\r\n",
     "201"},
    {"RFC 9112 §7.1.2: trailers are ignored",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END
     "1\r\nx\r\n0\r\nContent-Length: 5\r\nHost: b\r\n\r\nGET / HTTP/1.1\r\n" END,
     "201 200"},
    {"RFC 9112 §7.1: a size that wraps",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "10000000000000003\r\nabc\r\n"
     "0\r\n\r\n",
     "400!"},
    {"RFC 9112 §7.1: no size",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "\r\nabc\r\n0\r\n\r\n", "400!"},
    {"RFC 9112 §7.1: data longer than its size",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "2\r\nabc\r\n0\r\n\r\n",
     "400!"},
    {"RFC 9112 §2.2: a bare LF behind a size",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "3\nabc\r\n0\r\n\r\n", "400!"},
    {"RFC 9112 §7.1: without its last chunk no message is whole",
     "PUT /upload/a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" END "3\r\nabc\r\n", ""},

    // ---------------------------------------------------------------- connection
    {"RFC 9112 §9.3: HTTP/1.1 persists", "GET / HTTP/1.1\r\n" END "GET / HTTP/1.1\r\n" END,
     "200 200"},
    {"RFC 9112 §9.6: close", "GET / HTTP/1.1\r\nConnection: close\r\n" END "GET / HTTP/1.1\r\n" END,
     "200!"},
    {"RFC 9110 §7.6.1: options in any case, in a list",
     "GET / HTTP/1.1\r\nConnection: te, Close\r\n" END "GET / HTTP/1.1\r\n" END, "200!"},
    {"RFC 9112 §9.3: HTTP/1.0 does not persist", "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n",
     "200!"},
    {"RFC 9112 §C.2.2: unless it asks for it",
     "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n", "200 200!"},
    {"RFC 9112 §9.3.2: pipelined, in order",
     "GET /none HTTP/1.1\r\n" END "HEAD / HTTP/1.1\r\n" END "GET / HTTP/1.1\r\n" END,
     "404 200 200"},

    // ---------------------------------------------------------------- expectations
    {"RFC 9110 §10.1.1: another expectation", "GET / HTTP/1.1\r\nExpect: 200-ok\r\n" END, "417!"},
    {"RFC 9110 §10.1.1: ignored in HTTP/1.0", "GET / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n", "200!"},
    {"RFC 9110 §10.1.1: without a body nobody waits",
     "GET / HTTP/1.1\r\nExpect: 100-continue\r\n" END, "200"},

    // ---------------------------------------------------------------- ranges and conditions
    {"RFC 9110 §14.2: a range", "GET " OLD " HTTP/1.1\r\nRange: bytes=2-4\r\n" END, "206",
     "Content-Range: bytes 2-4/10"},
    {"RFC 9110 §14.1.2: a suffix", "GET " OLD " HTTP/1.1\r\nRange: bytes=-4\r\n" END, "206",
     "Content-Range: bytes 6-9/10"},
    {"RFC 9110 §14.1.2: the last byte is clamped",
     "GET " OLD " HTTP/1.1\r\nRange: bytes=5-99999\r\n" END, "206", "Content-Range: bytes 5-9/10"},
    {"RFC 9110 §15.5.17: past the end", "GET " OLD " HTTP/1.1\r\nRange: bytes=10-\r\n" END, "416",
     "Content-Range: bytes */10"},
    {"RFC 9110 §14.2: an unknown unit is ignored",
     "GET " OLD " HTTP/1.1\r\nRange: seconds=1-2\r\n" END, "200", "", "Content-Range"},
    {"RFC 9110 §14.2: only for GET", "HEAD " OLD " HTTP/1.1\r\nRange: bytes=2-4\r\n" END, "200"},
    {"RFC 9110 §14.3: Accept-Ranges", "GET " OLD " HTTP/1.1\r\n" END, "200",
     "Accept-Ranges: bytes"},
    {"RFC 9110 §13.1.5: If-Range of this version",
     "GET " OLD " HTTP/1.1\r\nRange: bytes=2-4\r\nIf-Range: " ITS_DATE "\r\n" END, "206"},
    {"RFC 9110 §13.1.5: If-Range of another one",
     "GET " OLD " HTTP/1.1\r\nRange: bytes=2-4\r\nIf-Range: Tue, 14 Nov 2023 22:13:21 GMT\r\n" END,
     "200"},
    {"RFC 9110 §13.1.5: If-Range by a tag that nobody gave",
     "GET " OLD " HTTP/1.1\r\nRange: bytes=2-4\r\nIf-Range: \"a\"\r\n" END, "200"},
    {"RFC 9110 §13.1.3: unmodified",
     "GET " OLD " HTTP/1.1\r\nIf-Modified-Since: " ITS_DATE "\r\n" END, "304",
     "Last-Modified: " ITS_DATE, "Content-Length"},
    {"RFC 9110 §13.1.3: modified since",
     "GET " OLD " HTTP/1.1\r\nIf-Modified-Since: Mon, 13 Nov 2023 22:13:20 GMT\r\n" END, "200"},
    {"RFC 9110 §5.6.7: a date in the format of RFC 850",
     "GET " OLD " HTTP/1.1\r\nIf-Modified-Since: Tuesday, 14-Nov-23 22:13:20 GMT\r\n" END, "304"},
    {"RFC 9110 §5.6.7: a date in the format of asctime",
     "GET " OLD " HTTP/1.1\r\nIf-Modified-Since: Tue Nov 14 22:13:20 2023\r\n" END, "304"},
    {"RFC 9110 §13.1.3: an invalid date is ignored",
     "GET " OLD " HTTP/1.1\r\nIf-Modified-Since: now\r\n" END, "200"},

    // ---------------------------------------------------------------- replies
    {"RFC 9110 §6.6.1: Date with every reply", "GET / HTTP/1.1\r\n" END, "200", "Date: "},
    {"RFC 9110 §6.6.1: also with a refusal", "GET / HTTP/1.1\r\n\r\n", "400!", "Date: "},
    {"RFC 9110 §8.6: a length with every reply that has content", "GET /none HTTP/1.1\r\n" END,
     "404", "Content-Length: 22"},
    {"RFC 9110 §15.5.16: no form", "POST /upload HTTP/1.1\r\nContent-Length: 1\r\n" END "x", "415"},
    {"RFC 7578 §4.1: no boundary",
     "POST /upload HTTP/1.1\r\nContent-Type: multipart/form-data\r\nContent-Length: 1\r\n" END "x",
     "400!"},
    {"RFC 6266 §4.1: the name of what is offered", "GET /download/generate/5 HTTP/1.1\r\n" END,
     "200", "Content-Disposition: attachment; filename=\"generated_5.bin\""},
    {"RFC 6585 §5: a header that is too large",
     "GET / HTTP/1.1\r\nX: " DIGITS DIGITS DIGITS DIGITS DIGITS
     "\r\nY: " DIGITS DIGITS DIGITS DIGITS DIGITS "\r\n" END,
     "431!"},
    {"RFC 9110 §15.5.15: a target that is too long", "GET /" DIGITS DIGITS " HTTP/1.1\r\n" END,
     "414!"},
    {"RFC 9110 §15.5.14: content that is too large",
     "PUT /upload/a HTTP/1.1\r\nContent-Length: 200001\r\n" END, "413!"},

    // ---------------------------------------------------------------- names
    {"a name above the root", "GET /download/file/../old.txt HTTP/1.1\r\n" END, "400"},
    {"the same, escaped", "GET /download/file/%2e%2e%2fold.txt HTTP/1.1\r\n" END, "400"},
    {"escaped twice is only a name", "GET /download/file/%252e%252e%252fold.txt HTTP/1.1\r\n" END,
     "404"},
    {"a backslash", "PUT /upload/..%5Ca HTTP/1.1\r\nContent-Length: 1\r\n" END "x", "400"},
    {"NUL in a name", "GET /download/file/old.txt%00.png HTTP/1.1\r\n" END, "400"},
    {"line ends in a name", "PUT /upload/a%0D%0AX:%20y HTTP/1.1\r\nContent-Length: 1\r\n" END "x",
     "400", "", "X: y"},
    {"invalid UTF-8 in a name", "PUT /upload/%C3%28 HTTP/1.1\r\nContent-Length: 1\r\n" END "x",
     "400"},
    {"the storage's own folder", "PUT /upload/.wherry/a HTTP/1.1\r\nContent-Length: 1\r\n" END "x",
     "400"},
};

#undef HOST
#undef END
#undef OLD
#undef ITS_DATE
#undef DIGITS

}  // namespace wherry::conformance
