// SPDX-License-Identifier: MIT
#include "wherry/base/sha256.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "wherry/base/sha256_vectors.h"

namespace wherry {
namespace {

static_assert(std::is_trivially_copyable_v<Sha256>);

std::string hex(const Sha256Value& value) {
  std::string text;
  for (const std::byte byte : value) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

std::string sha256_of(std::string_view text) {
  Sha256 digest;
  digest.update(as_bytes(text));
  return hex(digest.value());
}

TEST(Sha256, GivesThePublishedValues) {
  for (const Sha256Vector& row : kSha256Vectors) {
    Sha256 digest;
    for (unsigned i = 0; i < row.times; ++i) digest.update(as_bytes(row.text));
    EXPECT_EQ(hex(digest.value()), row.hex) << row.text << " times " << row.times;
  }
}

// NIST's long example.
TEST(Sha256, GivesTheValueOfAMillionLetters) {
  EXPECT_EQ(sha256_of(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, EverySplitGivesTheDigestOfTheWhole) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += static_cast<char>(i * 7);
  const std::string expected = sha256_of(text);
  for (std::size_t split = 0; split <= text.size(); ++split) {
    Sha256 digest;
    digest.update(as_bytes(text).first(split));
    digest.update(as_bytes(text).subspan(split));
    ASSERT_EQ(hex(digest.value()), expected) << split;
  }
}

TEST(Sha256, GoesOnAfterItsValueWasAskedFor) {
  Sha256 digest;
  digest.update(as_bytes("ab"));
  EXPECT_EQ(hex(digest.value()), sha256_of("ab"));
  digest.update(Bytes());
  digest.update(as_bytes("c"));
  EXPECT_EQ(hex(digest.value()), sha256_of("abc"));
}

TEST(Sha256, ACopyGoesOnByItself) {
  Sha256 digest;
  digest.update(as_bytes("ab"));
  Sha256 copy = digest;
  copy.update(as_bytes("c"));
  digest.update(as_bytes("d"));
  EXPECT_EQ(hex(copy.value()), sha256_of("abc"));
  EXPECT_EQ(hex(digest.value()), sha256_of("abd"));
}

}  // namespace
}  // namespace wherry
