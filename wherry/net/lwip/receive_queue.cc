// SPDX-License-Identifier: MIT
#include "wherry/net/lwip/receive_queue.h"

#include <algorithm>

#include "wherry/net/lwip/lwip_library.h"

namespace wherry::net::lwip {
namespace {

constexpr u8_t kFromPool = PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL;

// Where a buffer of the pool ends; its data may begin anywhere behind its header.
std::byte* end_of_buffer(pbuf& buffer) noexcept {
  constexpr std::size_t kSize =
      LWIP_MEM_ALIGN_SIZE(sizeof(pbuf)) + LWIP_MEM_ALIGN_SIZE(PBUF_POOL_BUFSIZE);
  return reinterpret_cast<std::byte*>(&buffer) + kSize;
}

MutableBytes free_part(pbuf& buffer) noexcept {
  if (pbuf_get_allocsrc(&buffer) != kFromPool || buffer.ref != 1) return {};
  std::byte* const end_of_data = static_cast<std::byte*>(buffer.payload) + buffer.len;
  return {end_of_data, end_of_buffer(buffer)};
}

pbuf& last_of(pbuf& chain) noexcept {
  pbuf* last = &chain;
  while (last->next != nullptr) last = last->next;
  return *last;
}

}  // namespace

void ReceiveQueue::append(pbuf& segment) noexcept {
  if (first_ == nullptr) {
    first_ = &segment;
    return;
  }
  pbuf& last = last_of(*first_);
  const MutableBytes room = free_part(last);
  const u16_t size = segment.tot_len;
  if (size > room.size()) {
    pbuf_cat(first_, &segment);
    return;
  }
  pbuf_copy_partial(&segment, room.data(), size, 0);
  last.len = static_cast<u16_t>(last.len + size);
  for (pbuf* buffer = first_; buffer != nullptr; buffer = buffer->next) {
    buffer->tot_len = static_cast<u16_t>(buffer->tot_len + size);
  }
  pbuf_free(&segment);
}

std::size_t ReceiveQueue::take(MutableBytes into) noexcept {
  const auto size = static_cast<u16_t>(std::min(into.size(), this->size()));
  pbuf_copy_partial(first_, into.data(), size, 0);
  first_ = pbuf_free_header(first_, size);
  return size;
}

std::size_t ReceiveQueue::size() const noexcept { return first_ == nullptr ? 0 : first_->tot_len; }

void ReceiveQueue::clear() noexcept {
  if (first_ != nullptr) pbuf_free(std::exchange(first_, nullptr));
}

}  // namespace wherry::net::lwip
