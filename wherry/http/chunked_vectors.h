// SPDX-License-Identifier: MIT
// Chunked bodies and what becomes of them: one row for each rule of RFC 9112 §7.1. Plain data
// without a test framework, so that a board can run through it too.
#pragma once

#include <string_view>

namespace wherry::http {

struct ChunkedVector {
  std::string_view rule;
  std::string_view body;
  bool valid;             // false: the decoder says malformed
  std::string_view data;  // of a valid body
};

inline constexpr ChunkedVector kChunkedVectors[] = {
    {"7.1: an empty body", "0\r\n\r\n", true, ""},
    {"7.1: one chunk", "5\r\nhello\r\n0\r\n\r\n", true, "hello"},
    {"7.1: two chunks", "5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", true, "hello!"},
    {"7.1: digits of both cases", "a\r\n0123456789\r\nA\r\nabcdefghij\r\n0\r\n\r\n", true,
     "0123456789abcdefghij"},
    {"7.1: zeros before a size", "0005\r\nhello\r\n000\r\n\r\n", true, "hello"},
    {"7.1: sixteen digits", "0000000000000001\r\na\r\n0000000000000000\r\n\r\n", true, "a"},
    {"7.1: data may look like framing", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", true, "0\r\n\r\n"},
    {"7.1: seventeen digits", "00000000000000001\r\na\r\n0\r\n\r\n", false, ""},
    {"7.1: a size that would wrap to 1", "10000000000000001\r\na\r\n0\r\n\r\n", false, ""},
    {"7.1: no size", "\r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: no hexadecimal digit", "g\r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: a prefix", "0x5\r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: a sign", "+5\r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: a negative size", "-5\r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: a space before the size", " 5\r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: a space after the size", "5 \r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: two sizes", "5 5\r\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: bare LF after the size", "5\nhello\r\n0\r\n\r\n", false, ""},
    {"7.1: bare CR after the size", "5\rhello\r\n0\r\n\r\n", false, ""},
    {"7.1: bare LF after the data", "5\r\nhello\n0\r\n\r\n", false, ""},
    {"7.1: data longer than its size", "5\r\nhello!\r\n0\r\n\r\n", false, ""},
    {"7.1: data shorter than its size", "5\r\nhell\r\n0\r\n\r\n", false, ""},
    {"7.1: bare LF after the last size", "0\n\r\n", false, ""},
    {"7.1: bare LF at the end", "0\r\n\n", false, ""},
    {"7.1: CR CR LF at the end", "0\r\n\r\r\n", false, ""},

    {"7.1.1: an extension is ignored", "1;a\r\nx\r\n0;b\r\n\r\n", true, "x"},
    {"7.1.1: with a value", "1;a=b\r\nx\r\n0\r\n\r\n", true, "x"},
    {"7.1.1: several", "1;a=b;c;d=\"e\"\r\nx\r\n0\r\n\r\n", true, "x"},
    {"7.1.1: white space around its parts", "1 ; a\t=  b ;c\r\nx\r\n0\r\n\r\n", true, "x"},
    {"7.1.1: a quoted value hides separators", "1;a=\";\\\"=\"\r\nx\r\n0\r\n\r\n", true, "x"},
    {"7.1.1: no name", "1;\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: a value without name", "1;=b\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: no value after the equals sign", "1;a=\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: white space at its end", "1;a \r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: an open quote", "1;a=\"b\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: an escape ends no line", "1;a=\"b\\\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: an escaped CR is a bare CR", "1;a=\"\\\r\"\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: text after a quoted value", "1;a=\"b\"c\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: bare LF after an extension", "1;a\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: bare LF in a quoted value", "1;a=\"b\n\"\r\nx\r\n0\r\n\r\n", false, ""},
    {"7.1.1: a control byte in a name", "1;a\x01\r\nx\r\n0\r\n\r\n", false, ""},

    {"7.1.2: trailers are skipped", "0\r\nA: b\r\nC:\r\n\r\n", true, ""},
    {"7.1.2: after data too", "1\r\nx\r\n0\r\nA: b\r\n\r\n", true, "x"},
    {"7.1.2: no colon", "0\r\nA\r\n\r\n", false, ""},
    {"7.1.2: an empty name", "0\r\n: b\r\n\r\n", false, ""},
    {"7.1.2: a space before the colon", "0\r\nA : b\r\n\r\n", false, ""},
    {"7.1.2: obs-fold", "0\r\nA: b\r\n c\r\n\r\n", false, ""},
    {"7.1.2: bare LF", "0\r\nA: b\n\r\n", false, ""},
    {"7.1.2: bare CR", "0\r\nA: b\rc\r\n\r\n", false, ""},
    {"7.1.2: a control byte", "0\r\nA: \x01\r\n\r\n", false, ""},
};

}  // namespace wherry::http
