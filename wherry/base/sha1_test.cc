// SPDX-License-Identifier: MIT
#include "wherry/base/sha1.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "wherry/base/sha1_vectors.h"

namespace wherry {
namespace {

static_assert(std::is_trivially_copyable_v<Sha1>);

std::string hex(const Sha1Value& value) {
  std::string text;
  for (const std::byte byte : value) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string sha1_of(std::string_view text) {
  Sha1 digest;
  digest.update(as_bytes(text));
  return hex(digest.value());
}

TEST(Sha1, GivesThePublishedValues) {
  for (const Sha1Vector& row : kSha1Vectors) {
    Sha1 digest;
    for (unsigned i = 0; i < row.times; ++i) digest.update(as_bytes(row.text));
    EXPECT_EQ(hex(digest.value()), row.hex) << row.text << " times " << row.times;
  }
}

// NIST's long example.
TEST(Sha1, GivesTheValueOfAMillionLetters) {
  EXPECT_EQ(sha1_of(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

TEST(Sha1, EverySplitGivesTheDigestOfTheWhole) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += static_cast<char>(i * 7);
  const std::string expected = sha1_of(text);
  for (std::size_t split = 0; split <= text.size(); ++split) {
    Sha1 digest;
    digest.update(as_bytes(text).first(split));
    digest.update(as_bytes(text).subspan(split));
    ASSERT_EQ(hex(digest.value()), expected) << split;
  }
}

TEST(Sha1, GoesOnAfterItsValueWasAskedFor) {
  Sha1 digest;
  digest.update(as_bytes("ab"));
  EXPECT_EQ(hex(digest.value()), sha1_of("ab"));
  digest.update(Bytes());
  digest.update(as_bytes("c"));
  EXPECT_EQ(hex(digest.value()), sha1_of("abc"));
}

TEST(Sha1, ACopyGoesOnByItself) {
  Sha1 digest;
  digest.update(as_bytes("ab"));
  Sha1 copy = digest;
  copy.update(as_bytes("c"));
  digest.update(as_bytes("d"));
  EXPECT_EQ(hex(copy.value()), sha1_of("abc"));
  EXPECT_EQ(hex(digest.value()), sha1_of("abd"));
}

}  // namespace
}  // namespace wherry
