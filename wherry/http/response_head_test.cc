// SPDX-License-Identifier: MIT
#include "wherry/http/response_head.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::http {
namespace {

using Memory = std::array<std::byte, 256>;

TEST(ResponseHead, HasAStatusLineFieldsAndABlankLine) {
  Memory memory;
  ResponseHead head(memory, 201);
  head.field("Content-Type", "text/plain").field("Content-Length", 12U).field("Empty", "");
  const Result<Bytes> bytes = head.finish();
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(as_text(*bytes),
            "HTTP/1.1 201 Created\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n"
            "Empty: \r\n\r\n");
  EXPECT_EQ(bytes->data(), memory.data());
}

TEST(ResponseHead, AnUnregisteredStatusHasAnEmptyPhrase) {
  Memory memory;
  ResponseHead head(memory, 599);
  EXPECT_EQ(as_text(head.finish().value()), "HTTP/1.1 599 \r\n\r\n");
}

TEST(ResponseHead, NumbersHaveSixtyFourBits) {
  Memory memory;
  ResponseHead head(memory, 200);
  head.field("A", UINT64_MAX);
  EXPECT_EQ(as_text(head.finish().value()), "HTTP/1.1 200 OK\r\nA: 18446744073709551615\r\n\r\n");
}

TEST(ResponseHead, NoControlByteInAValueReachesTheWire) {
  for (int code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const bool allowed = c == '\t' || (code >= 0x20 && code != 0x7f);
    Memory memory;
    ResponseHead head(memory, 200);
    head.field("A", std::string("b") + c + "c");
    const Result<Bytes> bytes = head.finish();
    EXPECT_EQ(error_of(bytes), allowed ? Error::none : Error::internal) << code;
  }
}

TEST(ResponseHead, AValueCannotAddALine) {
  Memory memory;
  ResponseHead head(memory, 200);
  head.field("Location", "/a\r\nSet-Cookie: b").field("After", "c");
  EXPECT_EQ(error_of(head.finish()), Error::internal);
  EXPECT_EQ(as_text(memory).find("Set-Cookie"), std::string_view::npos);
}

TEST(ResponseHead, ANameIsAToken) {
  for (const char* name : {"", "A b", "A:", "A\r\nB", "\xc3\xa9"}) {
    Memory memory;
    EXPECT_EQ(error_of(ResponseHead(memory, 200).field(name, "x").finish()), Error::internal);
    EXPECT_EQ(error_of(ResponseHead(memory, 200).field(name, 1U).finish()), Error::internal);
  }
}

Result<Bytes> small_head(MutableBytes memory) {
  return ResponseHead(memory, 404).field("Content-Length", 0U).field("A", "b").finish();
}

TEST(ResponseHead, WhatDoesNotFitIsAnErrorAtEverySize) {
  Memory memory;
  const std::size_t needed = small_head(memory).value().size();
  for (std::size_t size = 0; size < needed; ++size) {
    GuardedText small(size);
    EXPECT_EQ(error_of(small_head(std::as_writable_bytes(small.span()))), Error::no_memory);
  }
  GuardedText exact(needed);
  EXPECT_EQ(small_head(std::as_writable_bytes(exact.span())).value().size(), needed);
}

TEST(ResponseHead, ARefusedFieldIsReportedEvenIfAllElseOverflows) {
  std::array<std::byte, 8> memory;
  EXPECT_EQ(error_of(ResponseHead(memory, 200).field("A", "\n").finish()), Error::internal);
}

TEST(ResponseHead, AnInterimResponseHasNoFields) {
  Memory memory;
  EXPECT_EQ(as_text(ResponseHead(memory, 100).finish().value()), kContinue);
}

}  // namespace
}  // namespace wherry::http
