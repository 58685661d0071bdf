// SPDX-License-Identifier: MIT
// ReceiveQueue: what has come for one connection and was not read yet, in the packet buffers that
// it came in. For this port's own sources.
//
// Invariant: two neighbours always hold more than one buffer's room between them, so that one
// connection pins no more buffers than its window fills, however small the segments are that its
// peer sends.
#pragma once

#include <cstddef>
#include <utility>

#include "wherry/base/bytes.h"

struct pbuf;

namespace wherry::net::lwip {

class ReceiveQueue {
 public:
  ReceiveQueue() = default;
  ~ReceiveQueue() { clear(); }
  ReceiveQueue(const ReceiveQueue&) = delete;
  ReceiveQueue& operator=(const ReceiveQueue&) = delete;

  /// Takes over `segment`, a chain of buffers. Where it fits into what is free of the last buffer
  /// it is copied there, and its own go back to the pool.
  void append(pbuf& segment) noexcept;

  /// Moves up to `into.size()` bytes from the front to `into`. Returns: how many.
  std::size_t take(MutableBytes into) noexcept;

  bool is_empty() const noexcept { return first_ == nullptr; }
  /// Bytes that wait.
  std::size_t size() const noexcept;

  void clear() noexcept;

 private:
  pbuf* first_ = nullptr;
};

}  // namespace wherry::net::lwip
