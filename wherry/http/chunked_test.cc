// SPDX-License-Identifier: MIT
#include "wherry/http/chunked.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/chunked_vectors.h"

namespace wherry::http {
namespace {

struct Decoded {
  Error error = Error::none;
  bool finished = false;
  std::string data;
  std::size_t consumed = 0;
};

/// Feeds `part` until all of it is consumed, the body ends or the decoder fails.
void feed(ChunkedDecoder& decoder, std::string_view part, Decoded& decoded) {
  while (!part.empty() && decoded.error == Error::none && !decoded.finished) {
    const Result<ChunkedDecoder::Step> step = decoder.decode(as_bytes(part));
    if (!step) {
      decoded.error = step.error();
      return;
    }
    ASSERT_GT(step->consumed, 0U);
    ASSERT_LE(step->consumed, part.size());
    if (!step->data.empty()) {
      const char* data = as_text(step->data).data();
      ASSERT_GE(data, part.data());
      ASSERT_EQ(data + step->data.size(), part.data() + step->consumed);
    }
    decoded.data += as_text(step->data);
    decoded.consumed += step->consumed;
    decoded.finished = step->finished;
    part.remove_prefix(step->consumed);
  }
}

Decoded decode(const std::vector<std::string_view>& parts) {
  ChunkedDecoder decoder;
  Decoded decoded;
  for (const std::string_view part : parts) feed(decoder, part, decoded);
  return decoded;
}

void expect_row(const ChunkedVector& row, const Decoded& decoded, std::string_view how) {
  EXPECT_EQ(decoded.error, row.valid ? Error::none : Error::malformed) << row.rule << how;
  EXPECT_EQ(decoded.finished, row.valid) << row.rule << how;
  if (!row.valid) return;
  EXPECT_EQ(decoded.data, row.data) << row.rule << how;
  EXPECT_EQ(decoded.consumed, row.body.size()) << row.rule << how;
}

TEST(Chunked, EachRuleOfTheGrammarHolds) {
  for (const ChunkedVector& row : kChunkedVectors) expect_row(row, decode({row.body}), "");
}

TEST(Chunked, EverySplitGivesTheSameAnswerAsTheWhole) {
  for (const ChunkedVector& row : kChunkedVectors) {
    std::vector<std::string_view> bytes;
    for (std::size_t split = 0; split < row.body.size(); ++split) {
      expect_row(row, decode({row.body.substr(0, split), row.body.substr(split)}), ", split");
      bytes.push_back(row.body.substr(split, 1));
    }
    expect_row(row, decode(bytes), ", byte by byte");
  }
}

TEST(Chunked, NoByteBehindTheInputIsRead) {
  for (const ChunkedVector& row : kChunkedVectors) {
    for (std::size_t size = 0; size <= row.body.size(); ++size) {
      const GuardedText cut(row.body.substr(0, size));
      const Decoded decoded = decode({cut.view()});
      if (size < row.body.size() && row.valid) {
        EXPECT_EQ(decoded.error, Error::none) << row.rule;
        EXPECT_FALSE(decoded.finished) << row.rule;
      }
    }
  }
}

TEST(Chunked, WhatFollowsTheBodyIsNotConsumed) {
  const Decoded decoded = decode({"1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"});
  EXPECT_TRUE(decoded.finished);
  EXPECT_EQ(decoded.consumed, 11U);
}

TEST(Chunked, AFinishedBodyStaysFinished) {
  ChunkedDecoder decoder;
  ASSERT_TRUE(decoder.decode(as_bytes("0\r\n\r\n"))->finished);
  EXPECT_TRUE(decoder.finished());
  const Result<ChunkedDecoder::Step> step = decoder.decode(as_bytes("5\r\n"));
  ASSERT_TRUE(step.has_value());
  EXPECT_TRUE(step->finished);
  EXPECT_EQ(step->consumed, 0U);
}

TEST(Chunked, AnErrorStays) {
  ChunkedDecoder decoder;
  EXPECT_EQ(error_of(decoder.decode(as_bytes("x"))), Error::malformed);
  EXPECT_EQ(error_of(decoder.decode(as_bytes("5\r\nhello"))), Error::malformed);
  EXPECT_EQ(error_of(decoder.decode({})), Error::malformed);
}

TEST(Chunked, AStepHasOneRunOfDataThatIsPartOfTheInput) {
  const std::string_view input = "5\r\nhello\r\n1\r\n!\r\n";
  ChunkedDecoder decoder;
  const Result<ChunkedDecoder::Step> step = decoder.decode(as_bytes(input));
  ASSERT_TRUE(step.has_value());
  EXPECT_EQ(step->consumed, 8U);
  EXPECT_EQ(as_text(step->data), "hello");
  EXPECT_EQ(as_text(step->data).data(), input.data() + 3);
  EXPECT_FALSE(step->finished);
}

TEST(Chunked, DataMayBeReadPastTheDecoder) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decoder.data_expected(), 0U);
  ASSERT_EQ(decoder.decode(as_bytes("a"))->consumed, 1U);
  EXPECT_EQ(decoder.data_expected(), 0U) << "the size may go on";
  ASSERT_EQ(decoder.decode(as_bytes("\r\n"))->consumed, 2U);
  EXPECT_EQ(decoder.data_expected(), 10U);
  decoder.data_taken(4);
  EXPECT_EQ(decoder.data_expected(), 6U);
  ASSERT_EQ(as_text(decoder.decode(as_bytes("45"))->data), "45");
  decoder.data_taken(4);
  EXPECT_EQ(decoder.data_expected(), 0U);
  EXPECT_TRUE(decoder.decode(as_bytes("\r\n0\r\n\r\n"))->finished);
}

TEST(Chunked, TakingNothingChangesNothing) {
  ChunkedDecoder decoder;
  decoder.data_taken(0);
  EXPECT_TRUE(decoder.decode(as_bytes("0\r\n\r\n"))->finished);
}

TEST(Chunked, TheLargestSizeDoesNotWrap) {
  ChunkedDecoder decoder;
  ASSERT_TRUE(decoder.decode(as_bytes("ffffffffffffffff\r\n")).has_value());
  EXPECT_EQ(decoder.data_expected(), UINT64_MAX);
  EXPECT_EQ(as_text(decoder.decode(as_bytes("abc"))->data), "abc");
  EXPECT_EQ(decoder.data_expected(), UINT64_MAX - 3);
}

TEST(Chunked, ExtensionsOfAChunkAreBounded) {
  // The semicolon and the CR count too.
  const std::string fits = "1;" + std::string(kMaxChunkExtensionBytes - 1, 'a');
  EXPECT_EQ(decode({fits + "\r\nx\r\n0\r\n\r\n"}).error, Error::none);
  EXPECT_EQ(decode({fits + "a\r\nx\r\n0\r\n\r\n"}).error, Error::malformed);
}

TEST(Chunked, ExtensionsOfEachChunkAreCountedAnew) {
  const std::string chunk = "1;" + std::string(200, 'a') + "\r\nx\r\n";
  EXPECT_EQ(decode({chunk + chunk + chunk + "0\r\n\r\n"}).data, "xxx");
}

TEST(Chunked, ExtensionsOfAllChunksAreBoundedAsAWhole) {
  // Each of 128 bytes, its CR among them.
  const std::string chunk = "1;" + std::string(127, 'a') + "\r\nx\r\n";
  std::string body;
  for (std::size_t bytes = 0; bytes < kMaxExtensionBytes; bytes += 128) body += chunk;
  const auto whole = decode({body + "0\r\n\r\n"});
  EXPECT_EQ(whole.error, Error::none);
  EXPECT_TRUE(whole.finished);
  EXPECT_EQ(decode({body + "1\r\nx\r\n0\r\n\r\n"}).error, Error::none);
  EXPECT_EQ(decode({body + "0;a\r\n\r\n"}).error, Error::malformed);
  EXPECT_EQ(decode({body, "0", ";", "a", "\r\n\r\n"}).error, Error::malformed);
  EXPECT_EQ(decode({body + chunk + "0\r\n\r\n"}).error, Error::malformed);
}

TEST(Chunked, TrailersAreBoundedAsAWhole) {
  std::string trailers;
  while (trailers.size() + 10 <= kMaxTrailerBytes - 6) trailers += "Name: 78\r\n";
  const std::string last = "A:" + std::string(kMaxTrailerBytes - trailers.size() - 6, 'b') + "\r\n";
  EXPECT_TRUE(decode({"0\r\n" + trailers + last + "\r\n"}).finished);
  EXPECT_EQ(decode({"0\r\n" + trailers + "A:b" + last.substr(2) + "\r\n"}).error, Error::malformed);
}

TEST(Chunked, AChunkHeadIsItsSizeInHexadecimal) {
  EXPECT_EQ(chunk_head(1), "1\r\n");
  EXPECT_EQ(chunk_head(255), "ff\r\n");
  EXPECT_EQ(chunk_head(4096), "1000\r\n");
  EXPECT_EQ(chunk_head(UINT64_MAX), "ffffffffffffffff\r\n");
}

TEST(Chunked, WhatIsEncodedIsDecoded) {
  std::string body;
  for (const std::string_view part : {"one", "", "a longer part of twenty-something bytes"}) {
    if (part.empty()) continue;
    body.append(chunk_head(part.size())).append(part).append(kChunkEnd);
  }
  body += kLastChunk;
  const Decoded decoded = decode({body});
  EXPECT_TRUE(decoded.finished);
  EXPECT_EQ(decoded.data, "onea longer part of twenty-something bytes");
}

}  // namespace
}  // namespace wherry::http
