// SPDX-License-Identifier: MIT
#include "wherry/storage/block_pool.h"

#include <gtest/gtest.h>

#include <array>

namespace wherry::storage {
namespace {

TEST(BlockPool, LendsEachPlaceOnceAndThenNone) {
  alignas(16) std::array<std::byte, 100> memory;
  BlockPool pool(memory, 32);
  const MutableBytes first = pool.take();
  const MutableBytes second = pool.take();
  const MutableBytes third = pool.take();
  EXPECT_EQ(first.data(), memory.data());
  EXPECT_EQ(second.data(), memory.data() + 32);
  EXPECT_EQ(third.data(), memory.data() + 64);
  EXPECT_EQ(third.size(), 32u);
  EXPECT_TRUE(pool.take().empty()) << "4 bytes are no place";
  EXPECT_EQ(pool.in_use(), 3u);
}

TEST(BlockPool, LendsFirstWhatCameBackLast) {
  alignas(16) std::array<std::byte, 96> memory;
  BlockPool pool(memory, 32);
  std::byte* first = pool.take().data();
  std::byte* second = pool.take().data();
  pool.give_back(first);
  pool.give_back(second);
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_EQ(pool.take().data(), second);
  EXPECT_EQ(pool.take().data(), first);
  EXPECT_EQ(pool.take().data(), memory.data() + 64);
  EXPECT_EQ(pool.peak_in_use(), 3u);
}

TEST(BlockPool, WithoutMemoryLendsNothing) {
  BlockPool pool({}, 32);
  EXPECT_TRUE(pool.take().empty());
}

}  // namespace
}  // namespace wherry::storage
