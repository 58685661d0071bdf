// SPDX-License-Identifier: MIT
// Several ranges in one reply, read back as a client would.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

std::string content(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ' ';
  return text.substr(0, size);
}

struct Part {
  std::string type;
  std::string range;  // "0-1/10"
  std::string bytes;
};

/// Takes `expected` off the beginning of `text`.
void expect_next(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) {
    throw std::runtime_error("no \"" + std::string(expected) + "\" before \"" +
                             std::string(text.substr(0, 80)) + "\"");
  }
  text.remove_prefix(expected.size());
}

std::string line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  if (end == std::string_view::npos) throw std::runtime_error("a line does not end");
  const std::string result(text.substr(0, end));
  text.remove_prefix(end + 2);
  return result;
}

/// The parts of a multipart/byteranges body: strict, as it is written here. Counts the bytes of
/// each by its Content-Range.
std::vector<Part> read_parts(const Reply& reply) {
  const std::string type = reply.header("Content-Type");
  constexpr std::string_view kType = "multipart/byteranges; boundary=";
  if (!type.starts_with(kType)) throw std::runtime_error("not in parts: " + type);
  const std::string dashes = "--" + type.substr(kType.size());
  std::vector<Part> parts;
  std::string_view rest = reply.body;
  expect_next(rest, dashes);
  while (!rest.starts_with("--")) {
    Part part;
    expect_next(rest, "\r\nContent-Type: ");
    part.type = line(rest);
    expect_next(rest, "Content-Range: bytes ");
    part.range = line(rest);
    expect_next(rest, "\r\n");
    const std::uint64_t first = std::stoull(part.range);
    const std::uint64_t last = std::stoull(part.range.substr(part.range.find('-') + 1));
    part.bytes = std::string(rest.substr(0, last - first + 1));
    rest.remove_prefix(part.bytes.size());
    expect_next(rest, "\r\n" + dashes);
    parts.push_back(part);
  }
  if (rest != "--\r\n") throw std::runtime_error("more behind the last part");
  return parts;
}

struct Parts : testing::Test {
  Parts() {
    test.world.store("data.txt", "0123456789");
    test.world.store("large.bin", kLarge);
  }

  Reply get(std::string_view target, std::string_view ranges, std::string_view more = "") {
    return test.ask(request_text(
        "GET", target, "Range: bytes=" + std::string(ranges) + "\r\n" + std::string(more)));
  }

  const std::string kLarge = content(100'000);
  TestServer test{kService};
};

TEST_F(Parts, AreSentInTheOrderInWhichTheyWereAskedFor) {
  const Reply reply = get("/download/file/data.txt", "7-8,0-1,-1");
  EXPECT_EQ(reply.status, 206);
  EXPECT_EQ(reply.find("Content-Range"), std::nullopt);  // RFC 9110 §15.3.7.2
  EXPECT_EQ(reply.header("Content-Length"), std::to_string(reply.body.size()));
  const std::vector<Part> parts = read_parts(reply);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].type, "text/plain; charset=utf-8");
  EXPECT_EQ(parts[0].range, "7-9/10");
  EXPECT_EQ(parts[0].bytes, "789");
  EXPECT_EQ(parts[1].range, "0-1/10");
  EXPECT_EQ(parts[1].bytes, "01");
}

TEST_F(Parts, OfAnySizeAreThoseOfTheFileAndOfWhatIsMade) {
  const std::string made = test.ask(request_text("GET", "/download/generate/100000")).body;
  for (const bool is_file : {true, false}) {
    const std::string& whole = is_file ? kLarge : made;
    const std::string target = is_file ? "/download/file/large.bin" : "/download/generate/100000";
    const Reply reply = get(target, "0-0,90000-99998,5-9,100-4195,5000-9096,20000-79999,10-12");
    const std::vector<Part> parts = read_parts(reply);
    ASSERT_EQ(parts.size(), 6u);
    EXPECT_EQ(parts[2].range, "5-12/100000");
    for (const Part& part : parts) {
      const std::size_t first = std::stoull(part.range);
      EXPECT_TRUE(part.bytes == whole.substr(first, part.bytes.size())) << part.range;
    }
    EXPECT_EQ(test.world.log.records.back().size, reply.body.size());
    EXPECT_EQ(test.world.log.records.back().crc32, std::nullopt);
  }
}

TEST_F(Parts, UpTo16AreSentAndMoreAreNot) {
  std::string ranges = "0-0";
  for (int i = 1; i < 16; ++i)
    ranges += "," + std::to_string(10 * i) + "-" + std::to_string(10 * i);
  EXPECT_EQ(read_parts(get("/download/file/large.bin", ranges)).size(), 16u);
  const Reply whole = get("/download/file/large.bin", ranges + ",500-500");
  EXPECT_EQ(whole.status, 200);
  EXPECT_TRUE(whole.body == kLarge);
}

// As many small or overlapping ranges as a head takes cost no more than the file.
TEST_F(Parts, HostileListsCostNoMoreThanTheWhole) {
  for (const std::string_view spec : {"0-,", "0-99999,", "-100000,", "5-5,"}) {
    std::string ranges;
    while (ranges.size() < 600) ranges += spec;
    const Reply reply = get("/download/file/large.bin", ranges);
    EXPECT_LE(reply.body.size(), kLarge.size()) << spec;
    EXPECT_TRUE(reply.status == 200 || reply.status == 206) << spec;
  }
}

TEST_F(Parts, SeveralThatComeToOneAreASingleRange) {
  const Reply reply = get("/download/file/data.txt", "0-1,2-3,1-5");
  EXPECT_EQ(reply.header("Content-Range"), "bytes 0-5/10");
  EXPECT_EQ(reply.header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(reply.body, "012345");
}

TEST_F(Parts, ConnectionGoesOnBehindThem) {
  const std::string ranges =
      request_text("GET", "/download/file/large.bin", "Range: bytes=0-9,50000-69999\r\n");
  const std::string made =
      request_text("GET", "/download/generate/9000", "Range: bytes=0-9,5000-5009\r\n");
  const std::vector<Reply> replies =
      test.exchange(ranges + made + ranges + request_text("GET", "/"));
  EXPECT_EQ(app::statuses(replies), "206 206 206 200");
  EXPECT_NE(replies[0].header("Content-Type"), replies[1].header("Content-Type"));
}

TEST_F(Parts, ASlowClientGetsTheSame) {
  const std::string input =
      request_text("GET", "/download/file/large.bin", "Range: bytes=0-9,20-29,5000-69999\r\n");
  for (const std::size_t window : {1u, 7u, 100u}) {
    const std::vector<Reply> replies = test.exchange({input}, {.window_size = window});
    ASSERT_EQ(replies.size(), 1u);
    const std::vector<Part> parts = read_parts(replies[0]);
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_TRUE(parts[2].bytes == kLarge.substr(5000, 65'000));
  }
}

}  // namespace
}  // namespace wherry::transfer
