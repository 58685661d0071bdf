// SPDX-License-Identifier: MIT
#include "wherry/storage/block_pool.h"

#include <algorithm>
#include <new>

#include "wherry/base/assert.h"

namespace wherry::storage {

BlockPool::BlockPool(MutableBytes memory, std::size_t block_size) noexcept
    : unused_(memory),
      block_size_(block_size),
      count_(static_cast<std::uint32_t>(memory.size() / block_size)) {
  WHERRY_ASSERT(block_size >= sizeof(Free) && block_size % alignof(Free) == 0);
}

MutableBytes BlockPool::take() noexcept {
  std::byte* block = nullptr;
  if (free_ != nullptr) {
    block = reinterpret_cast<std::byte*>(free_);
    free_ = free_->next;
  } else if (unused_.size() >= block_size_) {
    block = unused_.data();
    unused_ = unused_.subspan(block_size_);
  } else {
    return {};
  }
  ++in_use_;
  peak_in_use_ = std::max(peak_in_use_, in_use_);
  return {block, block_size_};
}

void BlockPool::give_back(std::byte* block) noexcept {
  WHERRY_ASSERT(in_use_ > 0);
  --in_use_;
  free_ = ::new (static_cast<void*>(block)) Free{free_};
}

void BlockPool::report(StatusSink& sink) const noexcept {
  sink.gauge("used", in_use_);
  sink.gauge("peak", peak_in_use_);
  sink.gauge("limit", count_);
}

}  // namespace wherry::storage
