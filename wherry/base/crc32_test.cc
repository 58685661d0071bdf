// SPDX-License-Identifier: MIT
#include "wherry/base/crc32.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "wherry/base/crc32_vectors.h"
#include "wherry/base/guard_page_for_test.h"

namespace wherry {
namespace {

using namespace std::string_view_literals;

using Function = std::uint32_t (*)(Bytes, std::uint32_t) noexcept;
constexpr Function kImplementations[] = {crc32, crc32_portable};

// The definition, one bit a step.
std::uint32_t crc32_by_definition(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
  }
  return crc ^ 0xFFFFFFFF;
}

std::string random_text(std::size_t size, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(Crc32, GivesTheValuesOfPython) {
  for (const Crc32Vector& row : kCrc32Vectors) {
    for (const Function function : kImplementations) {
      EXPECT_EQ(function(as_bytes(row.text), 0), row.crc) << row.text;
    }
  }
}

TEST(Crc32, ImplementationsAgreeForEverySizeAndAlignment) {
  const std::string text = random_text(4096, 1);
  const GuardedText guarded(text);  // sizes count from the end: each is another alignment
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Bytes bytes = guarded.bytes().last(size);
    const std::uint32_t portable = crc32_portable(bytes);
    ASSERT_EQ(crc32(bytes), portable) << size;
    if (size % 16 < 5) {
      ASSERT_EQ(portable, crc32_by_definition(as_text(bytes))) << size;
    }
  }
}

TEST(Crc32, ImplementationsAgreeWithEverySeedGiven) {
  const std::string text = random_text(100, 2);
  std::mt19937 random(3);
  for (int round = 0; round < 1000; ++round) {
    const auto seed = static_cast<std::uint32_t>(random());
    const Bytes bytes = as_bytes(text).first(random() % text.size());
    ASSERT_EQ(crc32(bytes, seed), crc32_portable(bytes, seed));
  }
}

TEST(Crc32, EverySplitGivesTheCrcOfTheWhole) {
  const std::string text = random_text(64, 4);
  const Bytes whole = as_bytes(text);
  const std::uint32_t expected = crc32_by_definition(text);
  for (const Function function : kImplementations) {
    for (std::size_t split = 0; split <= text.size(); ++split) {
      const std::uint32_t first = function(whole.first(split), 0);
      ASSERT_EQ(function(whole.subspan(split), first), expected) << split;
    }
  }
}

TEST(Crc32, RandomPiecesGiveTheCrcOfTheWhole) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const std::string text = random_text(random() % 4097, static_cast<std::uint32_t>(random()));
    Crc32 crc;
    std::uint32_t portable = 0;
    Bytes rest = as_bytes(text);
    while (!rest.empty()) {
      const Bytes piece = rest.first(std::min<std::size_t>(random() % 300, rest.size()));
      rest = rest.subspan(piece.size());
      crc.update(piece);
      portable = crc32_portable(piece, portable);
    }
    ASSERT_EQ(crc.value(), crc32_by_definition(text));
    ASSERT_EQ(portable, crc.value());
  }
}

TEST(Crc32, ByteByByteGivesTheCrcOfTheWhole) {
  const std::string text = random_text(1000, 6);
  Crc32 crc;
  EXPECT_EQ(crc.value(), 0u);
  for (std::size_t i = 0; i < text.size(); ++i) crc.update(as_bytes(text).subspan(i, 1));
  EXPECT_EQ(crc.value(), crc32_by_definition(text));
}

TEST(Crc32, NothingChangesNothing) {
  for (const Function function : kImplementations) {
    EXPECT_EQ(function(Bytes(), 0), 0u);
    EXPECT_EQ(function(Bytes(), 0xCBF43926), 0xCBF43926u) << "a null span is no fresh start";
    EXPECT_EQ(function(as_bytes("x").first(0), 0xCBF43926), 0xCBF43926u);
  }
}

TEST(Crc32Combine, JoinsTheCrcsOfTwoParts) {
  const std::string text = random_text(600, 7);
  const Bytes whole = as_bytes(text);
  const std::uint32_t expected = crc32(whole);
  for (std::size_t split = 0; split <= text.size(); ++split) {
    ASSERT_EQ(
        crc32_combine(crc32(whole.first(split)), crc32(whole.subspan(split)), text.size() - split),
        expected)
        << split;
  }
}

TEST(Crc32Combine, NothingIsNeutralOnBothSides) {
  EXPECT_EQ(crc32_combine(0xCBF43926, 0, 0), 0xCBF43926u);
  EXPECT_EQ(crc32_combine(0, 0xCBF43926, 9), 0xCBF43926u);
}

TEST(Crc32Combine, IsAssociativeForSizesBeyond32Bits) {
  constexpr std::uint32_t kA = 0x12345678;
  constexpr std::uint32_t kB = 0x9ABCDEF0;
  constexpr std::uint32_t kC = 0x0F1E2D3C;
  constexpr std::uint64_t kSizeOfB = (std::uint64_t{1} << 40) + 12345;
  constexpr std::uint64_t kSizeOfC = (std::uint64_t{1} << 62) + 987654321;
  EXPECT_EQ(crc32_combine(crc32_combine(kA, kB, kSizeOfB), kC, kSizeOfC),
            crc32_combine(kA, crc32_combine(kB, kC, kSizeOfC), kSizeOfB + kSizeOfC));
}

TEST(Crc32Repeated, EqualsTheCrcOfTheCopies) {
  for (const std::size_t period_size : {1u, 2u, 3u, 7u, 64u, 256u}) {
    const std::string period = random_text(period_size, 8);
    const std::uint32_t crc_of_period = crc32(as_bytes(period));
    Crc32 copies;
    for (std::uint64_t count = 0; count <= 300; ++count) {
      ASSERT_EQ(crc32_repeated(crc_of_period, period_size, count), copies.value())
          << count << " times " << period_size;
      copies.update(as_bytes(period));
    }
  }
}

// Python's zlib.crc32 read these bytes one by one.
TEST(Crc32Repeated, IsRightBeyond32Bits) {
  constexpr std::uint64_t kMiB = 1024 * 1024;
  constexpr std::uint32_t kCrcOfZero = 0xD202EF8D;
  constexpr std::uint32_t kCrcOfRamp = 0x29058C73;  // the bytes 0 to 255
  static_assert(crc32_repeated(kCrcOfRamp, 256, 5 * 1024 * kMiB / 256) == 0xD5B85365);
  static_assert(crc32_repeated(kCrcOfZero, 1, 5 * 1024 * kMiB + kMiB) == 0x6ACDE07A);
  EXPECT_EQ(crc32(as_bytes("\0"sv)), kCrcOfZero);
  EXPECT_EQ(crc32_repeated(kCrcOfZero, 1, 5 * 1024 * kMiB + kMiB), 0x6ACDE07Au);
}

TEST(Crc32Repeated, OfAKnownPeriodIsTheSame) {
  constexpr RepeatedCrc32 kRamps(0x29058C73, 256), kZeros(0xD202EF8D, 1);
  for (const std::uint64_t count : {0ull, 1ull, 2ull, 3ull, 511ull, 512ull, 1ull << 40, ~0ull}) {
    EXPECT_EQ(kRamps.of(count), crc32_repeated(0x29058C73, 256, count)) << count;
    EXPECT_EQ(kZeros.of(count), crc32_repeated(0xD202EF8D, 1, count)) << count;
  }
}

TEST(Crc32Repeated, TheWholeMayBeLongerThan64BitsCount) {
  constexpr std::uint64_t kSize = std::uint64_t{1} << 40;
  constexpr std::uint64_t kCount = std::uint64_t{1} << 41;
  const std::uint32_t pair = crc32_combine(0xCBF43926, 0xCBF43926, kSize);
  EXPECT_EQ(crc32_repeated(0xCBF43926, kSize, 2 * kCount), crc32_repeated(pair, 2 * kSize, kCount));
}

}  // namespace
}  // namespace wherry
