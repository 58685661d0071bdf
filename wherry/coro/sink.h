// SPDX-License-Identifier: MIT
// Sink: where bytes can be sent, as far as somebody must know who has bytes to send.
//
// The storage sends a file to a Sink without knowing that it is a network connection; the network's
// Connection is one. A sink has one operation under way at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "wherry/base/bytes.h"
#include "wherry/coro/operation.h"

namespace wherry::coro {

class Sink {
 public:
  /// Sends all of up to two pieces, in order, as few packets as they fit in; or one more, where the
  /// first goes ahead of a second that fills packets by itself. `is_followed`: the next write comes
  /// at once; what does not fill a packet may wait for it.
  /// Errors: closed (the peer has gone), timed_out (no byte was taken for the write idle time).
  /// Lifetime: the pieces' bytes outlive the await.  Memory: none.  Suspends: until all is taken.
  class Write : public LeafOperation {
   public:
    Write(Sink& sink, Bytes first, Bytes second, bool is_followed) noexcept
        : sink_(&sink), pieces_{first, second}, is_followed_(is_followed) {}
    Write(Write&&) = default;
    ~Write() {
      if (is_pending()) sink_->cancel_write(*this);
    }
    bool start(Waiter& waiter) noexcept {
      return begin_for(waiter, [this] { sink_->begin_write(*this); });
    }
    void take() const noexcept {}

    /// For the sink: what is still to be sent; the first may be empty.
    std::span<const Bytes, 2> pieces() const noexcept { return pieces_; }
    std::size_t remaining() const noexcept { return pieces_[0].size() + pieces_[1].size(); }
    bool is_followed() const noexcept { return is_followed_; }
    /// For the sink: says that the first `size` of the remaining bytes were taken.
    void advance(std::size_t size) noexcept {
      for (Bytes& piece : pieces_) {
        const std::size_t part = size < piece.size() ? size : piece.size();
        piece = piece.subspan(part);
        size -= part;
        sink_->sent_bytes_ += part;
      }
    }

   private:
    Sink* sink_;
    std::array<Bytes, 2> pieces_;
    bool is_followed_;
  };

  /// Waits until the descriptor takes more bytes. Only for sinks that have one.
  /// Errors: closed, timed_out.
  class Writable : public LeafOperation {
   public:
    explicit Writable(Sink& sink) noexcept : sink_(&sink) {}
    Writable(Writable&&) = default;
    ~Writable() {
      if (is_pending()) sink_->cancel_writable(*this);
    }
    bool start(Waiter& waiter) noexcept {
      return begin_for(waiter, [this] { sink_->begin_writable(*this); });
    }
    void take() const noexcept {}

   private:
    Sink* sink_;
  };

  Write write(Bytes bytes) noexcept { return Write(*this, bytes, {}, false); }
  Write write(Bytes first, Bytes second, bool is_followed = false) noexcept {
    return Write(*this, first, second, is_followed);
  }
  Writable writable() noexcept { return Writable(*this); }

  /// Returns: the POSIX socket that the bytes could be put into directly (sendfile), or -1 when
  /// they must go through write (TLS, a board, a test).
  virtual int descriptor() const noexcept { return -1; }

  /// Tells that `size` bytes went into the descriptor directly.
  void sent_directly(std::size_t size) noexcept {
    sent_bytes_ += size;
    on_sent_directly();
  }

  /// Bytes that the sink has taken so far.
  std::uint64_t sent_bytes() const noexcept { return sent_bytes_; }

 protected:
  ~Sink() = default;

  virtual void begin_write(Write& operation) noexcept = 0;
  virtual void cancel_write(Write& operation) noexcept = 0;
  virtual void begin_writable(Writable& operation) noexcept = 0;
  virtual void cancel_writable(Writable& operation) noexcept = 0;
  /// Bytes went into the descriptor: the idle time of writing starts anew.
  virtual void on_sent_directly() noexcept = 0;

  /// For a sink that is used for one connection after the other.
  void forget_sent_bytes() noexcept { sent_bytes_ = 0; }

 private:
  std::uint64_t sent_bytes_ = 0;
};

}  // namespace wherry::coro
