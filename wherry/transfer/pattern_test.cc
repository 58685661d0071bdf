// SPDX-License-Identifier: MIT
#include "wherry/transfer/pattern.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/app/test_client.h"
#include "wherry/base/crc32.h"
#include "wherry/base/number.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

using app::Reply;
using app::request_text;
using app::TestServer;

// As the definition says it, byte by byte.
std::string direct(Pattern pattern, std::size_t size) {
  const std::size_t factor = pattern == Pattern::sequential ? 1 : 37;
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * factor % 256);
  return bytes;
}

constexpr std::size_t kSizes[] = {0,    1,    2,      255,    256,    257,    1023,    1024,   1025,
                                  4096, 5000, 16'383, 16'384, 16'385, 32'768, 100'003, 524'288};

TEST(Pattern, NamesComeBack) {
  for (const Pattern pattern : {Pattern::sequential, Pattern::random}) {
    EXPECT_EQ(parse_pattern(pattern_name(pattern)), pattern);
  }
  for (const std::string_view name : {"", "Sequential", "sequential ", "rand", "zeros"}) {
    EXPECT_EQ(parse_pattern(name), std::nullopt) << name;
  }
}

TEST(Pattern, Crc32IsThatOfTheBytes) {
  for (const Pattern pattern : {Pattern::sequential, Pattern::random}) {
    for (const std::size_t size : kSizes) {
      EXPECT_EQ(pattern_crc32(pattern, size), crc32_portable(as_bytes(direct(pattern, size))))
          << size;
    }
    for (std::size_t size = 0; size < 1100; ++size) {
      EXPECT_EQ(pattern_crc32(pattern, size), crc32_portable(as_bytes(direct(pattern, size))));
    }
  }
}

TEST(Pattern, BytesAreThoseOfTheDefinition) {
  TestServer server(kService);
  for (const std::size_t size : kSizes) {
    const Reply reply =
        server.ask(request_text("GET", "/download/generate/" + std::to_string(size)));
    EXPECT_TRUE(reply.body == direct(Pattern::sequential, size)) << size;
    for (const Pattern pattern : {Pattern::sequential, Pattern::random}) {
      const std::string parameters = "{\"size\": " + std::to_string(size) + ", \"pattern\": \"" +
                                     std::string(pattern_name(pattern)) + "\"}";
      const Reply report = server.ask(request_text(
          "POST", "/download/report", "Content-Type: application/json\r\n", parameters));
      EXPECT_TRUE(report.body == direct(pattern, size)) << size;
      EXPECT_EQ(server.world.log.records.back().crc32,
                crc32_portable(as_bytes(direct(pattern, size))));
    }
  }
}

// The numbers of the 2 MiB file that everyone tries first.
TEST(Pattern, KnownChecksums) {
  EXPECT_EQ(hex32(pattern_crc32(Pattern::sequential, 256)).view(), "0x29058c73");
  EXPECT_EQ(pattern_crc32(Pattern::sequential, 2'097'152),
            crc32_portable(as_bytes(direct(Pattern::sequential, 2'097'152))));
}

// No size is too large to be promised: its checksum costs no time.
TEST(Pattern, LargestSizeIsPromised) {
  TestServer server(kService);
  const Reply reply = server.ask(request_text("HEAD", "/download/generate/18446744073709551615"));
  EXPECT_EQ(reply.header("Content-Length"), "18446744073709551615");
  EXPECT_NE(pattern_crc32(Pattern::random, UINT64_MAX), 0u);
}

}  // namespace
}  // namespace wherry::transfer
