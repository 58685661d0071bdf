// SPDX-License-Identifier: MIT
// BlockPool: places of one size, lent and given back, never more of them. Owns no memory and knows
// nothing of what is kept in the places.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wherry/base/bytes.h"
#include "wherry/base/status.h"

namespace wherry::storage {

/// Places of one size in a piece of memory. The last given back is lent first: it is still in the
/// processor's cache.
class BlockPool {
 public:
  BlockPool() = default;
  /// Cuts `memory` into places of `block_size` bytes (a multiple of the alignment of a pointer, to
  /// which `memory` is aligned).
  BlockPool(MutableBytes memory, std::size_t block_size) noexcept;

  /// Returns: a place; empty when all are lent.
  MutableBytes take() noexcept;
  void give_back(std::byte* block) noexcept;

  std::size_t block_size() const noexcept { return block_size_; }
  std::uint32_t count() const noexcept { return count_; }
  std::uint32_t in_use() const noexcept { return in_use_; }
  std::uint32_t peak_in_use() const noexcept { return peak_in_use_; }

  /// Tells them as used, peak and limit.
  void report(StatusSink& sink) const noexcept;

 private:
  struct Free {
    Free* next;
  };

  MutableBytes unused_;  // the part that was never lent: nothing is written into it before
  std::size_t block_size_ = 1;
  Free* free_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t in_use_ = 0;
  std::uint32_t peak_in_use_ = 0;
};

}  // namespace wherry::storage
