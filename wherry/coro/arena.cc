// SPDX-License-Identifier: MIT
#include "wherry/coro/arena.h"

#include <algorithm>
#include <memory>
#include <new>

#include "wherry/base/assert.h"

namespace wherry::coro {

struct alignas(Arena::kAlignment) Arena::Block {
  Units units;           // with this header
  Units previous_units;  // of the block before this one; 0: this is the first
  Arena* owner;          // nullptr: free

  std::size_t size() const noexcept { return units * kAlignment; }
};

namespace {

constexpr std::size_t units_for(std::size_t size) noexcept {
  return (size + Arena::kAlignment - 1) / Arena::kAlignment;
}

MutableBytes aligned_part(MutableBytes memory) noexcept {
  void* start = memory.data();
  std::size_t size = memory.size();
  if (std::align(Arena::kAlignment, Arena::kAlignment, start, size) == nullptr) return {};
  return {static_cast<std::byte*>(start), size / Arena::kAlignment * Arena::kAlignment};
}

}  // namespace

Arena::Arena(MutableBytes memory, Arena* common) noexcept
    : memory_(aligned_part(memory)), end_(memory_.data()), common_(common) {
  static_assert(sizeof(Block) == kAlignment);
  WHERRY_ASSERT(memory_.size() >= 2 * kAlignment && units_for(memory_.size()) <= Units(-1));
}

Arena::~Arena() { WHERRY_ASSERT(live_count_ == 0); }

Arena::Block* Arena::at(std::byte* place) const noexcept {
  return place == end_ ? nullptr : std::launder(reinterpret_cast<Block*>(place));
}

Arena::Block* Arena::after(Block& block) const noexcept {
  return at(reinterpret_cast<std::byte*>(&block) + block.size());
}

Arena::Block* Arena::before(Block& block) const noexcept {
  return block.previous_units == 0 ? nullptr : &block - block.previous_units;
}

Arena::Units Arena::place_of(const Block& block) const noexcept {
  return static_cast<Units>(&block - reinterpret_cast<const Block*>(memory_.data()));
}

void* Arena::allocate(std::size_t size) noexcept {
  const bool forced = allocations_until_failure_ == 0;
  if (allocations_until_failure_ != kNever && !forced) --allocations_until_failure_;
  if (!forced) {
    if (void* const memory = take(size)) return memory;
    if (common_ != nullptr) return common_->allocate(size);
  }
  ++failure_count_;
  return nullptr;
}

void* Arena::take(std::size_t size) noexcept {
  if (size > memory_.size() - sizeof(Block)) return nullptr;  // as many units as can be counted
  const auto needed = static_cast<Units>(1 + units_for(std::max<std::size_t>(size, 1)));
  Block* block = at(memory_.data() + search_from_ * kAlignment);
  while (block != nullptr && (block->owner != nullptr || block->units < needed)) {
    block = after(*block);
  }
  if (block != nullptr) {
    split(*block, needed);
    block->owner = this;
  } else {
    const std::byte* most = memory_.data() + memory_.size();
    if (static_cast<std::size_t>(most - end_) < needed * kAlignment) return nullptr;
    block = new (end_) Block{needed, last_units_, this};
    last_units_ = needed;
    end_ += block->size();
  }
  const Units place = place_of(*block);
  if (place == search_from_) search_from_ = static_cast<Units>(place + block->units);
  used_bytes_ += block->size();
  peak_bytes_ = std::max(peak_bytes_, used_bytes_);
  ++live_count_;
  return block + 1;
}

/// Makes what is behind the first `units` of a block a free block, if it is enough for one.
void Arena::split(Block& block, Units units) noexcept {
  if (block.units - units < 2) return;
  const auto rest = static_cast<Units>(block.units - units);
  block.units = units;
  auto* tail = new (&block + units) Block{rest, units, nullptr};
  Block* const next = after(*tail);
  (next != nullptr ? next->previous_units : last_units_) = rest;
  search_from_ = std::min(search_from_, place_of(*tail));
}

void Arena::release(void* memory) noexcept {
  if (memory == nullptr) return;
  Block& block = static_cast<Block*>(memory)[-1];
  WHERRY_ASSERT(block.owner != nullptr);
  block.owner->give_back(block);
}

void Arena::trim(void* memory, std::size_t size) noexcept {
  Block& block = static_cast<Block*>(memory)[-1];
  WHERRY_ASSERT(block.owner != nullptr && 1 + units_for(size) <= block.units);
  block.owner->shrink(block, size);
}

void Arena::shrink(Block& block, std::size_t size) noexcept {
  used_bytes_ -= block.size();
  split(block, static_cast<Units>(1 + units_for(size)));
  used_bytes_ += block.size();
  if (Block* tail = after(block); tail != nullptr && tail->owner == nullptr) join_with_next(*tail);
}

void Arena::give_back(Block& block) noexcept {
  used_bytes_ -= block.size();
  --live_count_;
  block.owner = nullptr;
  search_from_ = std::min(search_from_, place_of(block));
  join_with_next(block);
  Block* previous = before(block);
  if (previous != nullptr && previous->owner == nullptr) join_with_next(*previous);
}

/// Joins a free block with what is free behind it.
void Arena::join_with_next(Block& block) noexcept {
  Block* next = after(block);
  if (next == nullptr) {
    end_ = reinterpret_cast<std::byte*>(&block);
    last_units_ = block.previous_units;
    return;
  }
  if (next->owner != nullptr) return;
  block.units = static_cast<Units>(block.units + next->units);
  if (Block* following = after(block)) following->previous_units = block.units;
}

}  // namespace wherry::coro
