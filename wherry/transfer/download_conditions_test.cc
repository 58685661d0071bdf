// SPDX-License-Identifier: MIT
// What a download's conditions and digests come to, of files and of bytes that are made.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/app/test_client.h"
#include "wherry/base/crc32.h"
#include "wherry/base/crc32c.h"
#include "wherry/base/number.h"
#include "wherry/base/sha256.h"
#include "wherry/http/digest.h"
#include "wherry/transfer/pattern.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

constexpr std::int64_t kModified = 1'700'000'000;  // Tue, 14 Nov 2023 22:13:20 GMT
constexpr std::string_view kFile = "/download/file/data.bin";
constexpr std::string_view kMade = "/download/generate/1000";

std::string sha256_field(std::string_view text) {
  Sha256 digest;
  digest.update(as_bytes(text));
  return std::string(http::digest_field(digest.value()).view());
}

std::string crc32c_field(std::string_view text) {
  return std::string(http::digest_field(crc32c(as_bytes(text))).view());
}

struct Conditions : testing::Test {
  Conditions() {
    test.world.storage.set_clock(kModified);
    test.world.store("data.bin", "0123456789");
  }

  Reply get(std::string_view target, std::string_view fields = "",
            std::string_view method = "GET") {
    return test.ask(request_text(method, target, fields));
  }
  std::string tag(std::string_view target) { return get(target).header("ETag"); }

  TestServer test{kService};
};

TEST_F(Conditions, EachVersionHasATagOfItsOwn) {
  const std::string first = tag(kFile);
  EXPECT_EQ(first.size(), 18u);
  EXPECT_EQ(tag(kFile), first);
  test.world.store("data.bin", "0123456789");
  EXPECT_NE(tag(kFile), first);
  EXPECT_EQ(tag("/download/generate/1000"), "\"sequential-1000\"");
  EXPECT_EQ(tag("/download/generate/1001"), "\"sequential-1001\"");
}

TEST_F(Conditions, WhatTheClientHasIsNotSentAgain) {
  for (const std::string_view target : {kFile, kMade}) {
    for (const std::string_view method : {"GET", "HEAD"}) {
      const Reply whole = get(target, "", method);
      for (const std::string& condition : {whole.header("ETag"), "W/" + whole.header("ETag"),
                                           "\"x\", " + whole.header("ETag"), std::string("*")}) {
        const Reply reply = get(target, "If-None-Match: " + condition + "\r\n", method);
        EXPECT_EQ(reply.status, 304) << condition;
        EXPECT_EQ(reply.body, "");
        EXPECT_EQ(reply.find("Content-Length"), std::nullopt);
        // RFC 9110 §15.4.5
        for (const std::string_view name : {"Date", "ETag"}) {
          EXPECT_EQ(reply.header(name), whole.header(name));
        }
        EXPECT_EQ(reply.find("Last-Modified"), whole.find("Last-Modified"));
      }
      for (const std::string_view condition : {"\"x\"", "W/\"x\"", "nonsense", ""}) {
        EXPECT_EQ(get(target, "If-None-Match: " + std::string(condition) + "\r\n", method).status,
                  200)
            << condition;
      }
    }
  }
}

TEST_F(Conditions, WhatIsNotTheExpectedVersionIsNotSent) {
  for (const std::string_view target : {kFile, kMade}) {
    const std::string current = tag(target);
    EXPECT_EQ(get(target, "If-Match: " + current + "\r\n").status, 200);
    EXPECT_EQ(get(target, "If-Match: *\r\n").status, 200);
    for (const std::string& condition : {std::string("\"x\""), "W/" + current, "x, " + current}) {
      const Reply reply = get(target, "If-Match: " + condition + "\r\nRange: bytes=0-1\r\n");
      EXPECT_EQ(reply.status, 412) << condition;
      EXPECT_EQ(reply.body, "{\"error\": \"The file is not the one that the condition names\"}");
      EXPECT_FALSE(reply.closes());
      EXPECT_EQ(reply.find("Content-Disposition"), std::nullopt);
    }
  }
  EXPECT_EQ(get(kFile, "If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT\r\n").status, 412);
  EXPECT_EQ(get(kFile, "If-Unmodified-Since: Tue, 14 Nov 2023 22:13:20 GMT\r\n").status, 200);
}

// RFC 9110 §13.2.2: the order. §13.2.1: what would be an error has no conditions.
TEST_F(Conditions, AreJudgedInTheirOrder) {
  const std::string current = tag(kFile);
  EXPECT_EQ(get(kFile, "If-None-Match: " + current + "\r\nIf-Match: \"x\"\r\n").status, 412);
  EXPECT_EQ(get(kFile, "If-None-Match: " + current + "\r\nRange: bytes=99-\r\n").status, 304);
  EXPECT_EQ(get(kFile, "If-Match: " + current + "\r\nRange: bytes=99-\r\n").status, 416);
  EXPECT_EQ(get("/download/file/none", "If-Match: *\r\n").status, 404);
  EXPECT_EQ(get("/download/file/none", "If-None-Match: *\r\n").status, 404);
}

// Behaviour: stale If-Range: 200, whole.
TEST_F(Conditions, AStaleIfRangeGetsTheWhole) {
  for (const std::string_view target : {kFile, kMade}) {
    const Reply whole = get(target);
    const std::string range = "Range: bytes=2-4\r\nIf-Range: ";
    const Reply part = get(target, range + whole.header("ETag") + "\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, whole.body.substr(2, 3));
    const Reply stale = get(target, range + "\"old\"\r\n");
    EXPECT_EQ(stale.status, 200);
    EXPECT_EQ(stale.body, whole.body);
  }
}

TEST_F(Conditions, RangesOfBytesThatAreMadeAreThoseOfTheWhole) {
  const Reply whole = get("/download/generate/40000");
  EXPECT_EQ(whole.header("Accept-Ranges"), "bytes");
  for (const auto& [first, last] : {std::pair(0, 0), std::pair(255, 256), std::pair(100, 39'000),
                                    std::pair(16'383, 16'384), std::pair(39'999, 39'999)}) {
    const Reply part = get("/download/generate/40000", "Range: bytes=" + std::to_string(first) +
                                                           "-" + std::to_string(last) + "\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_TRUE(part.body == whole.body.substr(static_cast<std::size_t>(first),
                                               static_cast<std::size_t>(last - first + 1)))
        << first;
  }
  const Reply tail = get("/download/generate/18446744073709551615", "Range: bytes=-3\r\n");
  EXPECT_EQ(tail.body, "\xFC\xFD\xFE");
  EXPECT_EQ(get(kMade, "Range: bytes=1000-\r\n").header("Content-Range"), "bytes */1000");
  const Reply head = get(kMade, "Range: bytes=0-1\r\n", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Length"), "1000");
  EXPECT_EQ(head.header("Accept-Ranges"), "bytes");
}

TEST_F(Conditions, APostHasNoRanges) {
  const Reply reply = test.ask(request_text(
      "POST", "/download/report", "Content-Type: application/json\r\nRange: bytes=0-1\r\n", "{}"));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.size(), 1024u);
}

TEST_F(Conditions, TheCrcIsToldWhereItIsKnown) {
  const std::string made = get(kMade).body;
  const std::string expected(hex32(pattern_crc32(Pattern::sequential, 1000)).view());
  EXPECT_EQ(get(kMade).header("X-Checksum-CRC32"), expected);
  EXPECT_EQ(get(kMade, "", "HEAD").header("X-Checksum-CRC32"), expected);
  EXPECT_EQ(get(kMade, "Range: bytes=5-9\r\n").header("X-Checksum-CRC32"), expected);
  EXPECT_EQ(get(kFile).find("X-Checksum-CRC32"), std::nullopt);
}

TEST_F(Conditions, ADigestThatIsWantedIsThatOfTheWhole) {
  for (const std::string_view target : {kFile, kMade}) {
    const std::string body = get(target).body;
    EXPECT_EQ(get(target).find("Repr-Digest"), std::nullopt);
    const std::string sha256 = "Want-Repr-Digest: sha-256=10, crc32c=1\r\n";
    for (const std::string_view method : {"GET", "HEAD"}) {
      EXPECT_EQ(get(target, sha256, method).header("Repr-Digest"), sha256_field(body));
      EXPECT_EQ(get(target, "Want-Repr-Digest: crc32c=1\r\n", method).header("Repr-Digest"),
                crc32c_field(body));
    }
    EXPECT_EQ(get(target, sha256).body, body);
    const Reply part = get(target, sha256 + "Range: bytes=1-2\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.header("Repr-Digest"), sha256_field(body));
    EXPECT_EQ(get(target, "Want-Repr-Digest: md5=10\r\n").find("Repr-Digest"), std::nullopt);
    EXPECT_EQ(get(target, "Want-Repr-Digest: sha-256=0\r\n").find("Repr-Digest"), std::nullopt);
    EXPECT_EQ(get(target, "Want-Repr-Digest: sha-256=x\r\n").status, 200);
    EXPECT_EQ(get(target, sha256 + "If-None-Match: *\r\n").find("Repr-Digest"), std::nullopt);
  }
}

TEST_F(Conditions, ADigestIsThatOfALargeOrEmptyFileToo) {
  std::string large;
  for (int i = 0; large.size() < 300'000; ++i) large += std::to_string(i) + ' ';
  test.world.store("data.bin", large);
  EXPECT_EQ(get(kFile, "Want-Repr-Digest: sha-256=1\r\n").header("Repr-Digest"),
            sha256_field(large));
  test.world.store("data.bin", "");
  EXPECT_EQ(get(kFile, "Want-Repr-Digest: sha-256=1\r\n").header("Repr-Digest"), sha256_field(""));
  EXPECT_EQ(get("/download/generate/0", "Want-Repr-Digest: crc32c=1\r\n").header("Repr-Digest"),
            crc32c_field(""));
}

TEST_F(Conditions, ACrc32ThatIsNotKeptIsToldToWhoAsksForADigest) {
  EXPECT_EQ(get(kFile).find("X-Checksum-CRC32"), std::nullopt);
  const std::string expected(hex32(crc32(as_bytes(get(kFile).body))).view());
  for (const std::string_view method : {"GET", "HEAD"}) {
    EXPECT_EQ(get(kFile, "Want-Repr-Digest: crc32c=1\r\n", method).header("X-Checksum-CRC32"),
              expected);
  }
}

// Nobody waits for bytes without end, and nobody is kept waiting by who asks for their digest.
TEST_F(Conditions, ADigestOfWhatIsTooLargeIsNotMade) {
  EXPECT_EQ(get("/download/generate/67108865", "Want-Repr-Digest: sha-256=1\r\n", "HEAD")
                .find("Repr-Digest"),
            std::nullopt);
  net::sim::SimPeer& slow = test.connect();
  slow.send(request_text("HEAD", "/download/generate/60000000", "Want-Repr-Digest: crc32c=1\r\n"));
  EXPECT_EQ(get(kFile).status, 200);
}

}  // namespace
}  // namespace wherry::transfer
