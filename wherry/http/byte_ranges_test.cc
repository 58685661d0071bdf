// SPDX-License-Identifier: MIT
#include "wherry/http/byte_ranges.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

namespace wherry::http {
namespace {

using Ranges = std::span<const ByteRange>;

std::string body_of(const ByteRanges& framing, Ranges ranges, std::string_view content) {
  std::string body;
  for (std::size_t i = 0; i <= ranges.size(); ++i) {
    std::string memory(framing.max_head_size(), '\0');
    TextWriter text{std::span<char>(memory)};
    if (i < ranges.size()) {
      framing.append_head(ranges[i], i == 0, text);
    } else {
      framing.append_end(text);
    }
    EXPECT_FALSE(text.overflowed());
    body += text.view();
    if (i < ranges.size()) body += content.substr(ranges[i].first, ranges[i].size);
  }
  return body;
}

TEST(ByteRanges, IsFramedAsTheRfcShows) {
  const Boundary boundary = make_boundary(1);
  const ByteRanges framing(boundary, "text/plain", 10);
  const std::array<ByteRange, 2> ranges{{{0, 2}, {7, 3}}};
  const std::string b(boundary.view());
  EXPECT_EQ(framing.type().view(), "multipart/byteranges; boundary=" + b);
  EXPECT_EQ(body_of(framing, ranges, "0123456789"),
            "--" + b + "\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01" +
                "\r\n--" + b + "\r\nContent-Type: text/plain\r\nContent-Range: bytes 7-9/10\r\n" +
                "\r\n789\r\n--" + b + "--\r\n");
}

TEST(ByteRanges, TheSizeIsThatOfTheBody) {
  const std::string content(1000, 'x');
  for (const std::string_view type : {"", "application/octet-stream"}) {
    const ByteRanges framing(make_boundary(2), type, content.size());
    const std::array<ByteRange, 4> ranges{{{0, 1}, {9, 90}, {999, 1}, {500, 100}}};
    for (std::size_t count = 1; count <= ranges.size(); ++count) {
      const Ranges some = Ranges(ranges).first(count);
      EXPECT_EQ(framing.body_size(some), body_of(framing, some, content).size());
    }
  }
}

TEST(ByteRanges, ASizeOfMoreThan64BitsIsNone) {
  const ByteRanges framing(make_boundary(3), "text/plain", UINT64_MAX);
  const std::array<ByteRange, 2> ranges{{{0, 1}, {2, UINT64_MAX - 2}}};
  EXPECT_EQ(framing.body_size(ranges), std::nullopt);
  const std::array<ByteRange, 2> small{{{0, 1}, {UINT64_MAX - 1, 1}}};
  EXPECT_TRUE(framing.body_size(small).has_value());
}

TEST(ByteRanges, AHeadTakesNoMoreThanItSays) {
  for (const std::string_view type : {"", "text/plain"}) {
    const ByteRanges framing(make_boundary(5), type, UINT64_MAX);
    std::string memory(framing.max_head_size(), '\0');
    TextWriter text{std::span<char>(memory)};
    framing.append_head({UINT64_MAX - 1, 1}, false, text);
    EXPECT_FALSE(text.overflowed());
    EXPECT_EQ(text.room(), 0u);
  }
}

TEST(ByteRanges, EachSeedHasABoundaryOfItsOwn) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const Boundary boundary = make_boundary(seed);
    EXPECT_EQ(boundary.size(), kBoundarySize);
    EXPECT_TRUE(seen.insert(std::string(boundary.view())).second);
  }
}

}  // namespace
}  // namespace wherry::http
