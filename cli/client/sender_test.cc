// SPDX-License-Identifier: MIT
#include "cli/client/sender.h"

#include <gtest/gtest.h>

namespace wherry::cli {
namespace {

TEST(SentChecksum, BytesThatAreSentAgainCountOnce) {
  const std::string_view text = "The quick brown fox jumps over the lazy dog";
  SentChecksum sent;
  sent.update(0, as_bytes(text.substr(0, 20)));
  sent.update(5, as_bytes(text.substr(5, 10)));    // all of it is known
  sent.update(10, as_bytes(text.substr(10, 20)));  // half of it
  sent.update(30, as_bytes(text.substr(30)));
  EXPECT_EQ(sent.value(text.size()), crc32(as_bytes(text)));
}

TEST(SentChecksum, WithAGapThereIsNone) {
  SentChecksum sent;
  sent.update(0, as_bytes("ab"));
  sent.update(3, as_bytes("d"));
  EXPECT_EQ(sent.value(4), std::nullopt);
  EXPECT_EQ(sent.value(2), crc32(as_bytes("ab")));
  EXPECT_EQ(SentChecksum().value(0), 0u);
}

TEST(TusServers, AreAskedOnce) {
  TusServers servers;
  EXPECT_EQ(servers.speaks("http://h/a/"), std::nullopt);
  servers.remember("http://h/a/", true);
  servers.remember("http://h/b/", false);
  EXPECT_EQ(servers.speaks("http://h/a/"), true);
  EXPECT_EQ(servers.speaks("http://h/b/"), false);
}

}  // namespace
}  // namespace wherry::cli
