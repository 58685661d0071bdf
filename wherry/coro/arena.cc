// SPDX-License-Identifier: MIT
#include "wherry/coro/arena.h"

#include <algorithm>
#include <memory>
#include <new>

#include "wherry/base/assert.h"

namespace wherry::coro {

struct alignas(Arena::kAlignment) Arena::Block {
  std::uint32_t size;           // bytes, with this header
  std::uint32_t previous_size;  // bytes of the block before this one; 0: this is the first
  Arena* owner;                 // nullptr: free
};

namespace {

constexpr std::size_t round_up(std::size_t size) noexcept {
  return (size + Arena::kAlignment - 1) / Arena::kAlignment * Arena::kAlignment;
}

MutableBytes aligned_part(MutableBytes memory) noexcept {
  void* start = memory.data();
  std::size_t size = memory.size();
  if (std::align(Arena::kAlignment, Arena::kAlignment, start, size) == nullptr) return {};
  return {static_cast<std::byte*>(start), size / Arena::kAlignment * Arena::kAlignment};
}

}  // namespace

Arena::Arena(MutableBytes memory) noexcept : memory_(aligned_part(memory)) {
  static_assert(sizeof(Block) % kAlignment == 0);
  WHERRY_ASSERT(memory_.size() >= 2 * kAlignment && memory_.size() <= 0xFFFFFFFFu);
  new (memory_.data()) Block{static_cast<std::uint32_t>(memory_.size()), 0, nullptr};
}

Arena::~Arena() { WHERRY_ASSERT(live_count_ == 0); }

Arena::Block* Arena::first() const noexcept {
  return std::launder(reinterpret_cast<Block*>(memory_.data()));
}

Arena::Block* Arena::after(Block& block) const noexcept {
  std::byte* end = reinterpret_cast<std::byte*>(&block) + block.size;
  return end == memory_.data() + memory_.size() ? nullptr : reinterpret_cast<Block*>(end);
}

Arena::Block* Arena::before(Block& block) const noexcept {
  if (block.previous_size == 0) return nullptr;
  return reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(&block) - block.previous_size);
}

void* Arena::allocate(std::size_t size) noexcept {
  const bool forced = allocations_until_failure_ == 0;
  if (allocations_until_failure_ != kNever && !forced) --allocations_until_failure_;
  if (!forced && size < memory_.size()) {
    const auto needed =
        static_cast<std::uint32_t>(sizeof(Block) + round_up(std::max<std::size_t>(size, 1)));
    for (Block* block = first(); block != nullptr; block = after(*block)) {
      if (block->owner != nullptr || block->size < needed) continue;
      if (block->size - needed >= 2 * sizeof(Block)) {
        const std::uint32_t rest = block->size - needed;
        block->size = needed;
        auto* tail =
            new (reinterpret_cast<std::byte*>(block) + needed) Block{rest, needed, nullptr};
        if (Block* next = after(*tail)) next->previous_size = rest;
      }
      block->owner = this;
      used_bytes_ += block->size;
      peak_bytes_ = std::max(peak_bytes_, used_bytes_);
      ++live_count_;
      return block + 1;
    }
  }
  ++failure_count_;
  return nullptr;
}

void Arena::release(void* memory) noexcept {
  if (memory == nullptr) return;
  Block& block = static_cast<Block*>(memory)[-1];
  WHERRY_ASSERT(block.owner != nullptr);
  block.owner->give_back(block);
}

void Arena::give_back(Block& block) noexcept {
  used_bytes_ -= block.size;
  --live_count_;
  block.owner = nullptr;
  join_with_next(block);
  Block* previous = before(block);
  if (previous != nullptr && previous->owner == nullptr) join_with_next(*previous);
}

void Arena::join_with_next(Block& block) noexcept {
  Block* next = after(block);
  if (next == nullptr || next->owner != nullptr) return;
  block.size += next->size;
  if (Block* following = after(block)) following->previous_size = block.size;
}

}  // namespace wherry::coro
