// SPDX-License-Identifier: MIT
#include "wherry/coro/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <random>
#include <vector>

namespace wherry::coro {
namespace {

struct Memory {
  alignas(16) std::array<std::byte, 4096> bytes;
};

TEST(Arena, GivesAlignedMemoryAndCountsIt) {
  Memory memory;
  Arena arena(memory.bytes);
  void* a = arena.allocate(1);
  void* b = arena.allocate(100);
  ASSERT_NE(a, nullptr);
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(a) % Arena::kAlignment, 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b) % Arena::kAlignment, 0u);
  EXPECT_EQ(arena.live_count(), 2u);
  EXPECT_GE(arena.used_bytes(), 101u);
  Arena::release(a);
  Arena::release(b);
  EXPECT_EQ(arena.used_bytes(), 0u);
  EXPECT_GE(arena.peak_bytes(), 101u);
}

TEST(Arena, ReusesTheRoomOfABlockThatDiedBeforeALaterOne) {
  Memory memory;
  Arena arena(memory.bytes);
  void* first = arena.allocate(1500);
  void* second = arena.allocate(1500);
  Arena::release(first);
  void* third = arena.allocate(1400);
  EXPECT_NE(third, nullptr);
  Arena::release(second);
  Arena::release(third);
}

TEST(Arena, TrimmedBlockLeavesRoomForOthersAndKeepsWhatItHolds) {
  Memory memory;
  Arena arena(memory.bytes);
  void* text = arena.allocate(3000);
  std::memset(text, 'x', 3000);
  void* behind = arena.allocate(100);
  Arena::trim(text, 10);
  EXPECT_LT(arena.used_bytes(), 200u);
  EXPECT_EQ(std::memcmp(text, "xxxxxxxxxx", 10), 0);
  void* between = arena.allocate(2900);
  EXPECT_NE(between, nullptr);
  EXPECT_TRUE(text < between && between < behind);
  Arena::release(text);
  Arena::release(between);
  Arena::release(behind);
  EXPECT_EQ(arena.used_bytes(), 0u);
}

TEST(Arena, TrimmedBlockBeforeAFreeOneIsJoinedToIt) {
  Memory memory;
  Arena arena(memory.bytes);
  void* text = arena.allocate(2000);
  Arena::trim(text, 16);
  void* rest = arena.allocate(4096 - 2 * Arena::kAlignment - 16);
  EXPECT_NE(rest, nullptr);
  Arena::release(rest);
  Arena::trim(text, 16);  // nothing to give back
  Arena::release(text);
  EXPECT_EQ(arena.used_bytes(), 0u);
}

TEST(Arena, TakesFromTheCommonOneWhatItHasNoRoomForAndGivesItBackThere) {
  Memory memory, common_memory, other_memory;
  Arena common(common_memory.bytes);
  Arena arena(memory.bytes, &common);
  Arena other(other_memory.bytes, &common);
  void* own = arena.allocate(3000);
  void* beyond = arena.allocate(2000);
  EXPECT_NE(own, nullptr);
  ASSERT_NE(beyond, nullptr);
  EXPECT_EQ(arena.live_count(), 1u);
  EXPECT_EQ(common.live_count(), 1u);
  EXPECT_EQ(arena.failure_count() + common.failure_count(), 0u);

  // What one has taken is missing to the others, until it comes back.
  void* others_own = other.allocate(4000);
  EXPECT_EQ(other.allocate(3000), nullptr);
  EXPECT_EQ(common.failure_count(), 1u);
  Arena::trim(beyond, 100);
  void* others = other.allocate(3000);
  EXPECT_NE(others, nullptr);
  for (void* block : {beyond, others, own, others_own}) Arena::release(block);
  EXPECT_EQ(arena.used_bytes() + other.used_bytes() + common.used_bytes(), 0u);
}

TEST(Arena, ForcedFailureIsNotMadeGoodByTheCommonOne) {
  Memory memory, common_memory;
  Arena common(common_memory.bytes);
  Arena arena(memory.bytes, &common);
  arena.fail_from(0);
  EXPECT_EQ(arena.allocate(10), nullptr);
  EXPECT_EQ(arena.failure_count(), 1u);
}

TEST(Arena, JoinsNeighboursInEveryOrderOfRelease) {
  const std::array<std::array<int, 3>, 6> orders{
      {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};
  for (const auto& order : orders) {
    Memory memory;
    Arena arena(memory.bytes);
    std::array<void*, 3> blocks{arena.allocate(900), arena.allocate(900), arena.allocate(900)};
    for (const int index : order) Arena::release(blocks[static_cast<std::size_t>(index)]);
    void* whole = arena.allocate(4096 - Arena::kAlignment);
    EXPECT_NE(whole, nullptr);
    Arena::release(whole);
  }
}

TEST(Arena, WritesNothingBehindItsLastBlock) {
  Memory memory;
  memory.bytes.fill(std::byte{0xAA});
  Arena arena(memory.bytes);
  void* first = arena.allocate(300);
  void* second = arena.allocate(300);
  void* third = arena.allocate(300);
  Arena::trim(third, 100);
  Arena::release(second);
  Arena::release(third);
  void* again = arena.allocate(500);
  EXPECT_EQ(again, second);
  Arena::release(again);
  Arena::release(first);
  const auto written = static_cast<std::size_t>(3 * (304 + Arena::kAlignment));
  for (std::size_t i = written; i < memory.bytes.size(); ++i) {
    ASSERT_EQ(memory.bytes[i], std::byte{0xAA}) << i;
  }
}

TEST(Arena, SaysNoWhenItIsFullAndCountsThat) {
  Memory memory;
  Arena arena(memory.bytes);
  EXPECT_EQ(arena.allocate(5000), nullptr);
  EXPECT_EQ(arena.allocate(static_cast<std::size_t>(-1)), nullptr);
  void* block = arena.allocate(4000);
  EXPECT_EQ(arena.allocate(100), nullptr);
  EXPECT_EQ(arena.failure_count(), 3u);
  Arena::release(block);
  EXPECT_EQ(arena.failure_count(), 3u);
}

TEST(Arena, UsesOnlyTheAlignedPartOfItsMemory) {
  Memory memory;
  Arena arena(MutableBytes(memory.bytes).subspan(3, 1000));
  EXPECT_LE(arena.capacity(), 1000u);
  void* block = arena.allocate(arena.capacity() - Arena::kAlignment);
  ASSERT_NE(block, nullptr);
  std::memset(block, 0xAA, arena.capacity() - Arena::kAlignment);
  Arena::release(block);
}

TEST(Arena, KeepsBlocksApartThroughRandomUse) {
  Memory memory;
  Arena arena(memory.bytes);
  std::mt19937 random(1);
  struct Held {
    unsigned char* data;
    std::size_t size;
    unsigned char mark;
  };
  std::vector<Held> held;
  for (int step = 0; step < 20000; ++step) {
    if (held.empty() || random() % 3 != 0) {
      const std::size_t size = 1 + random() % 400;
      auto* data = static_cast<unsigned char*>(arena.allocate(size));
      if (data == nullptr) {
        ASSERT_FALSE(held.empty());
      } else {
        const auto mark = static_cast<unsigned char>(random());
        std::memset(data, mark, size);
        held.push_back({data, size, mark});
        continue;
      }
    }
    const std::size_t index = random() % held.size();
    for (std::size_t i = 0; i < held[index].size; ++i) {
      ASSERT_EQ(held[index].data[i], held[index].mark);
    }
    Arena::release(held[index].data);
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(index));
  }
  for (const Held& block : held) Arena::release(block.data);
  EXPECT_EQ(arena.used_bytes(), 0u);
  void* whole = arena.allocate(4096 - Arena::kAlignment);
  EXPECT_NE(whole, nullptr);
  Arena::release(whole);
}

// A model of it: units that are taken. A block has one in front of what it holds, and one that is
// left over at its end goes along.
TEST(Arena, GivesTheFirstRoomThatIsLargeEnough) {
  constexpr std::size_t kUnit = Arena::kAlignment;
  Memory memory;
  Arena arena(memory.bytes);
  std::vector<bool> is_taken(sizeof(memory.bytes) / kUnit);
  struct Held {
    std::size_t begin;
    std::size_t units;
    void* data;
  };
  std::vector<Held> held;
  const auto units_for = [](std::size_t size) { return 1 + (size + kUnit - 1) / kUnit; };
  const auto set = [&](std::size_t begin, std::size_t units, bool taken) {
    std::fill_n(is_taken.begin() + static_cast<std::ptrdiff_t>(begin), units, taken);
  };
  const auto find = [&](std::size_t units) {
    Held room{0, 0, nullptr};
    for (std::size_t at = 0; at < is_taken.size() && room.units < units; ++at) {
      if (is_taken[at] || room.units == 0) room = {at, 0, nullptr};
      if (!is_taken[at]) ++room.units;
    }
    for (std::size_t end = room.begin + room.units; end < is_taken.size(); ++end) {
      if (room.units < units || is_taken[end]) break;
      ++room.units;
    }
    return room;
  };
  std::mt19937 random(2);
  std::size_t failures = 0;
  for (int step = 0; step < 20000; ++step) {
    const std::size_t size = 1 + random() % 300;
    const std::size_t index = held.empty() ? 0 : random() % held.size();
    const std::size_t what = held.empty() ? 0 : random() % 5;
    if (what < 2) {
      Held room = find(units_for(size));
      room.data = arena.allocate(size);
      ASSERT_EQ(room.data != nullptr, room.units >= units_for(size));
      if (room.data == nullptr) {
        ++failures;
        continue;
      }
      ASSERT_EQ(room.data, memory.bytes.data() + (room.begin + 1) * kUnit) << step;
      if (room.units - units_for(size) >= 2) room.units = units_for(size);
      set(room.begin, room.units, true);
      held.push_back(room);
    } else if (what == 2 && units_for(size) <= held[index].units) {
      Arena::trim(held[index].data, size);
      const std::size_t rest = held[index].units - units_for(size);
      if (rest < 2) continue;
      held[index].units -= rest;
      set(held[index].begin + held[index].units, rest, false);
    } else {
      Arena::release(held[index].data);
      set(held[index].begin, held[index].units, false);
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(index));
    }
  }
  EXPECT_GT(failures, 0u);
  for (const Held& block : held) Arena::release(block.data);
}

}  // namespace
}  // namespace wherry::coro
