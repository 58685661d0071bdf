// SPDX-License-Identifier: MIT
#include "wherry/base/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "wherry/base/crc32c_vectors.h"
#include "wherry/base/guard_page_for_test.h"

namespace wherry {
namespace {

using Function = std::uint32_t (*)(Bytes, std::uint32_t) noexcept;
constexpr Function kImplementations[] = {crc32c, crc32c_portable};

// The definition, one bit a step.
std::uint32_t crc32c_by_definition(Bytes bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
  }
  return crc ^ 0xFFFFFFFF;
}

std::string random_text(std::size_t size) {
  std::mt19937 random(1);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Crc32c, GivesThePublishedValues) {
  for (const Crc32cVector& row : kCrc32cVectors) {
    for (const Function function : kImplementations) {
      EXPECT_EQ(function(as_bytes(row.bytes), 0), row.crc);
    }
  }
}

TEST(Crc32c, ImplementationsAgreeForEverySizeAndAlignment) {
  const std::string text = random_text(600);
  const GuardedText guarded(text);  // sizes count from the end: each is another alignment
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Bytes bytes = guarded.bytes().last(size);
    const std::uint32_t expected = crc32c_by_definition(bytes);
    for (const Function function : kImplementations) ASSERT_EQ(function(bytes, 0), expected);
  }
}

TEST(Crc32c, EverySplitGivesTheCrcOfTheWhole) {
  const std::string text = random_text(100);
  const Bytes whole = as_bytes(text);
  for (std::size_t split = 0; split <= text.size(); ++split) {
    Crc32c crc;
    crc.update(whole.first(split));
    crc.update(whole.subspan(split));
    ASSERT_EQ(crc.value(), crc32c_by_definition(whole)) << split;
    ASSERT_EQ(crc32c_portable(whole.subspan(split), crc32c_portable(whole.first(split))),
              crc.value());
  }
}

TEST(Crc32c, NothingChangesNothing) {
  for (const Function function : kImplementations) {
    EXPECT_EQ(function(Bytes(), 0), 0u);
    EXPECT_EQ(function(Bytes(), 0xE3069283), 0xE3069283u);
  }
}

}  // namespace
}  // namespace wherry
