// SPDX-License-Identifier: MIT
// Input: the bytes of one connection that have come and are not used yet.
//
// One fixed buffer: the head of the request lies at its front, where views point into it until the
// request has been answered; behind it what has come of the body, and of the requests after it.
// It is larger than any head by limits.receive_buffer_size, so that a body always finds room.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include "wherry/app/limits.h"
#include "wherry/base/assert.h"
#include "wherry/base/bytes.h"

namespace wherry::app {

/// Bytes of an Input's buffer.
constexpr std::size_t input_bytes(const Limits& limits) noexcept {
  return limits.max_header_bytes + limits.receive_buffer_size;
}

class Input {
 public:
  explicit Input(MutableBytes buffer) noexcept : buffer_(buffer) {}

  /// What has come and is not used.
  MutableBytes unread() const noexcept { return buffer_.subspan(begin_, end_ - begin_); }
  bool is_empty() const noexcept { return begin_ == end_; }

  /// Where more can be read to; then say how much came, with `filled`.
  MutableBytes room() noexcept {
    if (begin_ == end_) begin_ = end_ = kept_;
    return buffer_.subspan(end_);
  }
  void filled(std::size_t size) noexcept {
    end_ += size;
    WHERRY_ASSERT(end_ <= buffer_.size());
  }

  /// Uses up the first `size` unread bytes. They stay where they are until more is read.
  void consume(std::size_t size) noexcept {
    begin_ += size;
    WHERRY_ASSERT(begin_ <= end_);
  }

  /// Uses up the head, which stays where it is until `forget_head`. It begins the buffer.
  std::string_view keep_head(std::size_t size) noexcept {
    WHERRY_ASSERT(begin_ == 0);
    consume(size);
    kept_ = size;
    return as_text(buffer_.first(size));
  }

  /// Drops everything.
  void forget_all() noexcept { kept_ = begin_ = end_ = 0; }

  /// Moves what is unread to the front: no view of the head is valid any more.
  void forget_head() noexcept {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    kept_ = 0;
  }

 private:
  MutableBytes buffer_;
  std::size_t kept_ = 0;   // the head of the request that is being served
  std::size_t begin_ = 0;  // unread bytes: [begin_, end_)
  std::size_t end_ = 0;
};

}  // namespace wherry::app
