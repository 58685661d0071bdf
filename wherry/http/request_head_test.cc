// SPDX-License-Identifier: MIT
#include "wherry/http/request_head.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/request_head_vectors.h"

namespace wherry::http {
namespace {

/// Scans the first bytes, then more and more of them, as many as `sizes` says; then parses.
Error read_head(std::string_view text, HeadLimits limits, const std::vector<std::size_t>& sizes) {
  HeadScanner scanner(limits);
  for (const std::size_t size : sizes) {
    const Result<std::size_t> scanned = scanner.scan(text.substr(0, size));
    if (!scanned) return scanned.error();
    if (*scanned != 0) return error_of(RequestHead::parse(text.substr(0, *scanned)));
  }
  return Error::timed_out;  // the head never ended
}

RequestHead parsed(std::string_view text) {
  const Result<RequestHead> head = RequestHead::parse(text);
  EXPECT_TRUE(head.has_value()) << text;
  return *head;
}

std::vector<std::size_t> byte_by_byte(std::string_view text) {
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size <= text.size(); ++size) sizes.push_back(size);
  return sizes;
}

TEST(RequestHead, EachRuleOfTheGrammarHolds) {
  for (const RequestHeadVector& row : kRequestHeadVectors) {
    EXPECT_EQ(read_head(row.head, kVectorLimits, {row.head.size()}), row.error) << row.rule;
  }
}

TEST(RequestHead, EverySplitGivesTheSameAnswerAsTheWhole) {
  for (const RequestHeadVector& row : kRequestHeadVectors) {
    for (std::size_t split = 0; split < row.head.size(); ++split) {
      EXPECT_EQ(read_head(row.head, kVectorLimits, {split, row.head.size()}), row.error)
          << row.rule << ", split at " << split;
    }
    EXPECT_EQ(read_head(row.head, kVectorLimits, byte_by_byte(row.head)), row.error) << row.rule;
  }
}

TEST(RequestHead, NoByteBehindTheTextIsRead) {
  for (const RequestHeadVector& row : kRequestHeadVectors) {
    const GuardedText guarded(row.head);
    EXPECT_EQ(read_head(guarded.view(), kVectorLimits, {row.head.size()}), row.error) << row.rule;
    for (std::size_t size = 0; size < row.head.size(); ++size) {
      const GuardedText cut(row.head.substr(0, size));
      static_cast<void>(HeadScanner(kVectorLimits).scan(cut.view()));
      EXPECT_FALSE(RequestHead::parse(cut.view()).has_value()) << row.rule << ", cut at " << size;
    }
  }
}

TEST(RequestHead, ParsingAloneIsAsStrictAsScanningBeforeIt) {
  for (const RequestHeadVector& row : kRequestHeadVectors) {
    if (row.error == Error::uri_too_long || row.error == Error::header_too_large) continue;
    EXPECT_EQ(error_of(RequestHead::parse(row.head)), row.error) << row.rule;
  }
}

TEST(RequestHead, BytesBehindTheBlankLineAreNoHead) {
  EXPECT_EQ(error_of(RequestHead::parse("GET / HTTP/1.1\r\n\r\n\r\n")), Error::malformed);
  EXPECT_EQ(error_of(RequestHead::parse("GET / HTTP/1.1\r\nA: b\r\n\r\nbody")), Error::malformed);
}

TEST(RequestHead, TheRequestLineIsTakenApart) {
  const RequestHead head = parsed("PUT /upload/a%20b?c=d HTTP/1.1\r\n\r\n");
  EXPECT_EQ(head.method(), Method::put);
  EXPECT_EQ(head.method_text(), "PUT");
  EXPECT_EQ(head.target(), "/upload/a%20b?c=d");
  EXPECT_EQ(head.version_minor(), 1U);
}

TEST(RequestHead, AnUnknownMethodKeepsItsText) {
  const RequestHead head = parsed("BREW /pot HTTP/1.0\r\n\r\n");
  EXPECT_EQ(head.method(), Method::other);
  EXPECT_EQ(head.method_text(), "BREW");
  EXPECT_EQ(head.version_minor(), 0U);
}

TEST(RequestHead, ALaterMinorVersionIsTreatedAsTheOneThatIsKnown) {
  EXPECT_EQ(parsed("GET / HTTP/1.7\r\n\r\n").version_minor(), 1U);
}

constexpr std::string_view kFields =
    "GET / HTTP/1.1\r\nHost: a\r\nAccept:\t x , y \t\r\nX-A: 1\r\nx-a:2\r\nX-AB: 3\r\nEmpty:\r\n"
    "X-A: \r\nZ: a:b\r\n\r\n";

TEST(RequestHead, AFieldIsFoundInAnyCaseWithoutTheSpaceAroundIt) {
  const RequestHead head = parsed(kFields);
  EXPECT_EQ(head.find("host"), "a");
  EXPECT_EQ(head.find("ACCEPT"), "x , y");
  EXPECT_EQ(head.find("Empty"), "");
  EXPECT_EQ(head.find("z"), "a:b");
}

TEST(RequestHead, OnlyAWholeNameMatches) {
  const RequestHead head = parsed(kFields);
  for (const char* name : {"", "Hos", "Host2", "X-ABC", "X", ":", "GET", "a", "ost"}) {
    EXPECT_EQ(head.find(name), std::nullopt) << name;
    EXPECT_EQ(head.count(name), 0U) << name;
  }
  EXPECT_EQ(head.find("X-AB"), "3");
}

TEST(RequestHead, TheFirstOfEqualNamesIsFoundAndAllAreVisited) {
  const RequestHead head = parsed(kFields);
  EXPECT_EQ(head.find("X-A"), "1");
  EXPECT_EQ(head.count("x-a"), 3U);
  std::vector<std::string> values;
  head.for_each("X-a", [&values](std::string_view value) { values.emplace_back(value); });
  EXPECT_EQ(values, (std::vector<std::string>{"1", "2", ""}));
}

TEST(RequestHead, AllFieldsAreListedInOrder) {
  std::string listed;
  const RequestHead head = parsed(kFields);
  for (const Field field : head.fields()) {
    listed.append(field.name).append("=").append(field.value).append(";");
  }
  EXPECT_EQ(listed, "Host=a;Accept=x , y;X-A=1;x-a=2;X-AB=3;Empty=;X-A=;Z=a:b;");
}

TEST(RequestHead, AHeadWithoutFieldsHasNone) {
  const RequestHead head = parsed("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(head.fields().begin(), head.fields().end());
  EXPECT_EQ(head.find("Host"), std::nullopt);
}

TEST(HeadScanner, TheSizeEndsWithTheBlankLine) {
  const std::string head = "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(HeadScanner(kVectorLimits).scan(head + "GET /next HTTP/1.1\r\n\r\n").value(),
            head.size());
  EXPECT_EQ(parsed(head).find("Host"), "a");
}

TEST(HeadScanner, NothingButEmptyLinesIsNoHeadYet) {
  for (const char* text : {"", "\r", "\r\n", "\r\n\r", "\r\n\r\n", "\r\n\r\n\r"}) {
    EXPECT_EQ(HeadScanner(kVectorLimits).scan(text).value(), 0U);
  }
}

TEST(HeadScanner, MoreEmptyLinesThanAreSkippedEndTheScan) {
  EXPECT_EQ(error_of(HeadScanner(kVectorLimits).scan("\r\n\r\n\r\n")), Error::malformed);
}

TEST(HeadScanner, WhatIsWrongIsSaidBeforeTheLineEnds) {
  EXPECT_EQ(error_of(HeadScanner(kVectorLimits).scan("G\n")), Error::malformed);
  EXPECT_EQ(error_of(HeadScanner(kVectorLimits).scan("G\rE")), Error::malformed);
  EXPECT_EQ(error_of(HeadScanner(kVectorLimits).scan({"G\0", 2})), Error::malformed);
}

TEST(HeadScanner, AFullBufferNeverWaitsForMore) {
  for (const std::string_view begin : {"", "\r\n\r\n", "GET / HTTP/1.1\r\n"}) {
    const std::string text = std::string(begin) + std::string(160 - begin.size(), 'a');
    EXPECT_FALSE(HeadScanner(kVectorLimits).scan(text).has_value()) << begin;
    EXPECT_NE(read_head(text, kVectorLimits, byte_by_byte(text)), Error::timed_out) << begin;
  }
}

TEST(HeadScanner, ARequestLineThatFillsTheHeadIsTooLongATarget) {
  constexpr HeadLimits kLimits{1000, 64};
  EXPECT_EQ(error_of(HeadScanner(kLimits).scan("GET /" + std::string(100, 'a'))),
            Error::uri_too_long);
}

TEST(HeadScanner, TheLargestLimitsAreNoOverflow) {
  constexpr HeadLimits kLimits{SIZE_MAX, SIZE_MAX};
  EXPECT_EQ(HeadScanner(kLimits).scan("GET / HTTP/1.1\r\n\r\n").value(), 18U);
}

TEST(HeadScanner, ResetStartsOverWithTheSameLimits) {
  HeadScanner scanner(kVectorLimits);
  ASSERT_EQ(scanner.scan("\r\n\r\nGET / HTTP/1.1\r\n\r\n").value(), 22U);
  scanner.reset();
  ASSERT_EQ(scanner.scan("\r\n\r\nGET /2 HTTP/1.1\r\n\r\n").value(), 23U);
  scanner.reset();
  EXPECT_EQ(error_of(scanner.scan("GET /" + std::string(100, 'a'))), Error::uri_too_long);
}

}  // namespace
}  // namespace wherry::http
