// SPDX-License-Identifier: MIT
// Arena: the memory that one connection may use while it serves a request.
//
// A fixed block of bytes, handed out first-fit and joined again when given back, because coroutine
// frames do not die in the order of their birth: a response's generator outlives its handler.
// It knows nothing of coroutines. Invariant: blocks lie end to end at the front of the arena; no
// two free blocks are neighbours, and the last one is not free: nothing is written behind it, so
// that pages that were never needed are never touched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "wherry/base/bytes.h"

namespace wherry::coro {

class Arena {
 public:
  /// Each block is aligned to, and its size rounded up to, this many bytes. It costs as many more.
  static constexpr std::size_t kAlignment =
      2 * sizeof(void*) < alignof(std::max_align_t) ? alignof(std::max_align_t) : 2 * sizeof(void*);

  /// Manages `memory` (at most 65,535 times kAlignment on a machine of 32 bits; what alignment cuts
  /// off at its ends is not used).
  /// Lifetime: `memory` and the arena stay where they are until every block has come back.
  /// `common`: where what finds no room here is looked for; shared by several arenas, or nullptr.
  explicit Arena(MutableBytes memory, Arena* common = nullptr) noexcept;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// Returns: `size` bytes aligned to kAlignment, or nullptr (counted in failure_count).
  void* allocate(std::size_t size) noexcept;

  /// Gives a block back to the arena that it came from. `block` may be nullptr.
  static void release(void* block) noexcept;

  /// Makes a block smaller: `size` bytes, at most as many as it has.
  static void trim(void* block, std::size_t size) noexcept;

  /// Makes the next allocations fail from the `index`-th one on (0: the next): for tests.
  void fail_from(std::uint32_t index) noexcept { allocations_until_failure_ = index; }

  std::size_t capacity() const noexcept { return memory_.size(); }
  std::size_t used_bytes() const noexcept { return used_bytes_; }
  std::size_t peak_bytes() const noexcept { return peak_bytes_; }
  std::uint32_t live_count() const noexcept { return live_count_; }
  std::uint32_t failure_count() const noexcept { return failure_count_; }

 private:
  struct Block;
  /// Sizes are counted in units of kAlignment, so that a block's own data is as short as that.
  using Units = std::conditional_t<sizeof(void*) == 4, std::uint16_t, std::uint32_t>;
  static constexpr std::uint32_t kNever = 0xFFFFFFFFu;

  Block* at(std::byte* place) const noexcept;
  Block* after(Block& block) const noexcept;
  Block* before(Block& block) const noexcept;
  void* take(std::size_t size) noexcept;
  void split(Block& block, Units units) noexcept;
  void shrink(Block& block, std::size_t size) noexcept;
  void give_back(Block& block) noexcept;
  void join_with_next(Block& block) noexcept;
  Units place_of(const Block& block) const noexcept;

  MutableBytes memory_;
  std::byte* end_;  // of the last block
  Arena* common_;
  std::size_t used_bytes_ = 0;
  std::size_t peak_bytes_ = 0;
  std::uint32_t live_count_ = 0;
  std::uint32_t failure_count_ = 0;
  std::uint32_t allocations_until_failure_ = kNever;
  Units last_units_ = 0;   // of the last block
  Units search_from_ = 0;  // in front of the block that begins here none is free
};

}  // namespace wherry::coro
