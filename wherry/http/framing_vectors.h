// SPDX-License-Identifier: MIT
// Fields that say where a body ends, and what they say: one row for each rule of RFC 9112 §6. Plain
// data without a test framework, so that a board can run through it too.
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/base/error.h"
#include "wherry/http/framing.h"

namespace wherry::http {

struct FramingVector {
  std::string_view rule;
  std::string_view fields;  // each with its CRLF
  Error error;
  BodyFraming framing = {};
  bool http_1_0 = false;
};

inline constexpr BodyFraming kChunkedBody{BodyFraming::Kind::chunked, 0};

constexpr BodyFraming body_of(std::uint64_t length) { return {BodyFraming::Kind::length, length}; }

inline constexpr FramingVector kFramingVectors[] = {
    {"6.3: no field, no body", "", Error::none, {}},
    {"6.3: none in HTTP/1.0 either", "", Error::none, {}, true},
    {"6.2: a length", "Content-Length: 5\r\n", Error::none, body_of(5)},
    {"6.2: in HTTP/1.0", "Content-Length: 5\r\n", Error::none, body_of(5), true},
    {"6.2: a length of 0", "Content-Length: 0\r\n", Error::none, body_of(0)},
    {"6.2: names have no case", "content-LENGTH: 5\r\n", Error::none, body_of(5)},
    {"6.2: zeros in front", "Content-Length: 0005\r\n", Error::none, body_of(5)},
    {"6.2: over 32 bits", "Content-Length: 4294967301\r\n", Error::none, body_of(4294967301)},
    {"6.2: the largest", "Content-Length: 18446744073709551615\r\n", Error::none,
     body_of(UINT64_MAX)},
    {"6.2: over 64 bits", "Content-Length: 18446744073709551616\r\n", Error::malformed},
    {"6.2: far over 64 bits", "Content-Length: 99999999999999999999999\r\n", Error::malformed},
    {"6.2: empty", "Content-Length:\r\n", Error::malformed},
    {"6.2: a plus sign", "Content-Length: +5\r\n", Error::malformed},
    {"6.2: negative", "Content-Length: -5\r\n", Error::malformed},
    {"6.2: hexadecimal", "Content-Length: 0x5\r\n", Error::malformed},
    {"6.2: a fraction", "Content-Length: 5.0\r\n", Error::malformed},
    {"6.2: text behind it", "Content-Length: 5a\r\n", Error::malformed},
    {"6.2: a space in it", "Content-Length: 5 5\r\n", Error::malformed},
    {"6.3: a list of equal lengths", "Content-Length: 5, 5\r\n", Error::malformed},
    {"6.3: a list of two", "Content-Length: 5, 6\r\n", Error::malformed},
    {"6.3: a list with nothing behind the comma", "Content-Length: 5,\r\n", Error::malformed},
    {"6.3: twice", "Content-Length: 5\r\nContent-Length: 6\r\n", Error::malformed},
    {"6.3: twice the same", "Content-Length: 5\r\ncontent-length: 5\r\n", Error::malformed},

    {"7.1: chunked", "Transfer-Encoding: chunked\r\n", Error::none, kChunkedBody},
    {"7: codings have no case", "transfer-encoding: CHUNKED\r\n", Error::none, kChunkedBody},
    {"6.1: with a length", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", Error::malformed},
    {"6.1: after a length", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
     Error::malformed},
    {"6.1: a length and an unknown coding", "Content-Length: 5\r\nTransfer-Encoding: x\r\n",
     Error::malformed},
    {"6.1: in HTTP/1.0", "Transfer-Encoding: chunked\r\n", Error::malformed, {}, true},
    {"6.1: twice in a list", "Transfer-Encoding: chunked, chunked\r\n", Error::malformed},
    {"6.1: twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
     Error::malformed},
    {"6.3: not last", "Transfer-Encoding: chunked, gzip\r\n", Error::malformed},
    {"6.3: not last, in two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n",
     Error::malformed},
    {"6.3: absent", "Transfer-Encoding: gzip\r\n", Error::malformed},
    {"6.3: identity is no coding any more", "Transfer-Encoding: identity\r\n", Error::malformed},
    {"6.3: empty", "Transfer-Encoding:\r\n", Error::malformed},
    {"6.3: an empty element", "Transfer-Encoding: ,chunked\r\n", Error::malformed},
    {"6.3: an empty element at the end", "Transfer-Encoding: chunked,\r\n", Error::malformed},
    {"6.3: a prefix of the name", "Transfer-Encoding: chunke\r\n", Error::malformed},
    {"6.3: a longer name", "Transfer-Encoding: xchunked\r\n", Error::malformed},
    {"7.1: with a parameter", "Transfer-Encoding: chunked;a=b\r\n", Error::malformed},
    {"7.1: in quotes", "Transfer-Encoding: \"chunked\"\r\n", Error::malformed},
    {"6.1: a coding before it", "Transfer-Encoding: gzip, chunked\r\n", Error::not_implemented},
    {"6.1: a coding before it, in two fields",
     "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", Error::not_implemented},
};

}  // namespace wherry::http
