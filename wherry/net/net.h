// SPDX-License-Identifier: MIT
// The network contract: what a port (sockets, lwIP, a simulation) must do. Written for whoever
// ports.
//
// A loop is one thread, or the whole of a board. Everything here is called on it. The port owns its
// connections' state (sockets, what they wait for), fixed in number when it starts; the acceptor
// that it serves owns everything else (buffers, arenas, tasks).
//
// The port's loop: let the network move, finish the operations that it ended, run one round of the
// ready list, and sleep only when that is empty. It never resumes a coroutine from within a call
// that one of them made. It may collect what is written in a round, and send it at the round's end.
//
// Backpressure is the absence of reading: a port takes bytes off the wire only into a pending Read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/base/bytes.h"
#include "wherry/coro/lender.h"
#include "wherry/coro/operation.h"
#include "wherry/coro/sink.h"
#include "wherry/coro/waiter.h"

namespace wherry::net {

/// Who waits for a connection's input without a task, and so without memory for one.
class InputWaiter {
 public:
  /// A read has something to tell, if only that the connection has ended; or timed_out. Called on
  /// the loop, within the port: closes nothing and resumes nobody, but has that done by the ready
  /// list.
  virtual void input_has_come(Error error) noexcept = 0;

 protected:
  ~InputWaiter() = default;
};

/// One accepted connection. Belongs to the acceptor from accepted() until it calls close().
class Connection : public coro::Sink {
 public:
  class Read : public coro::LeafOperation {
   public:
    Read(Connection& connection, MutableBytes into, std::uint32_t within_ms) noexcept
        : connection_(&connection), into_(into), within_ms_(within_ms) {}
    Read(Connection& connection, coro::Lender& lender, std::size_t most,
         std::uint32_t within_ms) noexcept
        : connection_(&connection), lender_(&lender), most_(most), within_ms_(within_ms) {}
    Read(Read&&) = default;
    ~Read() {
      if (is_pending()) connection_->cancel_read(*this);
    }
    bool start(coro::Waiter& waiter) noexcept {
      const bool has_ended = begin_for(waiter, [this] { connection_->begin_read(*this); });
      if (lender_ != nullptr && is_pending()) lender_->put_off();
      return has_ended;
    }
    MutableBytes take() const noexcept { return into_; }

    /// Ends a pending read from our side.  Errors: cancelled, told to who waits for it.
    void interrupt() noexcept {
      connection_->cancel_read(*this);
      finish(Error::cancelled);
    }

    /// For the port: where bytes go. To be asked each time when there are some, or may be: it may
    /// be elsewhere than the time before.
    MutableBytes into() noexcept {
      if (lender_ != nullptr) {
        const MutableBytes room = lender_->room();
        WHERRY_ASSERT(!room.empty());
        into_ = room.first(std::min(most_, room.size()));
      }
      return into_;
    }
    std::uint32_t within_ms() const noexcept { return within_ms_; }
    /// For the port: ends the read with `size` bytes; 0 when the peer has finished sending.
    void succeed(std::size_t size) noexcept {
      into_ = into_.first(size);
      finish(size == 0 ? Error::closed : Error::none);
    }

   private:
    Connection* connection_;
    coro::Lender* lender_ = nullptr;  // nullptr: into_ is known
    MutableBytes into_;
    std::size_t most_ = 0;  // of what is lent
    std::uint32_t within_ms_;
  };

  /// Reads what has come, at least one byte and up to `into.size()` (> 0).
  /// Returns: the filled prefix of `into`.
  /// Errors: timed_out (no byte within `within_ms`; the connection stays usable), closed (the peer
  /// has finished sending, or has reset the connection: who wants more gets none either way).
  /// Lifetime: `into` outlives the await.  Memory: none.  Suspends: when nothing is there.
  [[nodiscard]] Read read(MutableBytes into, std::uint32_t within_ms) noexcept {
    return Read(*this, into, within_ms);
  }

  /// The same, up to `most` (> 0) bytes into what `lender` has room for when there is something to
  /// read: nothing is lent while it waits.  Lifetime: `lender` outlives the await.
  [[nodiscard]] Read read(coro::Lender& lender, std::size_t most,
                          std::uint32_t within_ms) noexcept {
    return Read(*this, lender, most, within_ms);
  }

  /// Tells `waiter` once when a read would have something to tell, as a rule, or when nothing has
  /// come for `within_ms`: perhaps from within this call. No read is pending.
  /// Lifetime: `waiter` outlives the wait.  Memory: none, so that 10,000 may wait.
  virtual void wait_for_input(InputWaiter& waiter, std::uint32_t within_ms) noexcept = 0;

  /// Ends such a wait; nobody is told.
  void stop_waiting_for_input() noexcept { input_waiter_ = nullptr; }

  /// How long a write may go without the peer taking a byte (each byte taken starts it anew; not a
  /// minimum speed). Set by the acceptor before the first write.
  virtual void set_write_idle_ms(std::uint32_t write_idle_ms) noexcept = 0;

  /// Says that nothing more will be sent; what was written still goes out. Reading goes on.
  virtual void shut_down_sending() noexcept = 0;

  /// Ends the connection and gives it back to the port. No operation is pending. The last call.
  /// Bytes already written still go out, as far as the network allows.
  virtual void close() noexcept = 0;

  /// Ends it at once, with a reset where the network has one: for a peer that is not to be trusted
  /// with more of our memory. Otherwise as close().
  virtual void abort() noexcept = 0;

  /// Returns: the peer's address and port: "192.0.2.7:51234", "[2001:db8::1]:443".
  /// Lifetime: that of `into`, where it may be written, or of the connection, if that is shorter.
  static constexpr std::size_t kPeerBytes = 56;
  virtual std::string_view peer(std::span<char, kPeerBytes> into) const noexcept = 0;

 protected:
  ~Connection() = default;

  virtual void begin_read(Read& operation) noexcept = 0;
  virtual void cancel_read(Read& operation) noexcept = 0;

  /// For the port: tells who waits for input, if anybody does.
  void tell_of_input(Error error) noexcept {
    if (input_waiter_ != nullptr) std::exchange(input_waiter_, nullptr)->input_has_come(error);
  }
  InputWaiter* input_waiter_ = nullptr;  // whom wait_for_input() was given
};

/// Whoever serves what is accepted.
class Acceptor {
 public:
  /// Takes over `connection`. Called on the loop; must not run it dry (start a task, return).
  virtual void accepted(Connection& connection) noexcept = 0;

 protected:
  ~Acceptor() = default;
};

/// Time, order and chance of one loop.
class Loop {
 public:
  /// Waits for a time.
  class Sleep : public coro::LeafOperation {
   public:
    Sleep(Loop& loop, std::uint32_t duration_ms) noexcept
        : loop_(&loop), duration_ms_(duration_ms) {}
    Sleep(Sleep&&) = default;
    ~Sleep() {
      if (is_pending()) loop_->cancel_sleep(*this);
    }
    bool start(coro::Waiter& waiter) noexcept {
      return begin_for(waiter, [this] { loop_->begin_sleep(*this); });
    }
    void take() const noexcept {}

    std::uint32_t duration_ms() const noexcept { return duration_ms_; }
    // For the loop: when it is over, and its place in the loop's list of sleepers.
    std::uint64_t due_ms = 0;
    Sleep* previous = nullptr;
    Sleep* next = nullptr;

   private:
    Loop* loop_;
    std::uint32_t duration_ms_;
  };

  [[nodiscard]] Sleep sleep(std::uint32_t duration_ms) noexcept {
    return Sleep(*this, duration_ms);
  }

  /// Milliseconds since the program, or the board, started. Never goes back.
  virtual std::uint64_t uptime_ms() const noexcept = 0;

  /// Unix seconds; none where there is no clock, and then nothing may pretend to know the date.
  virtual std::optional<std::int64_t> unix_time_s() const noexcept = 0;

  /// 64 bits that cannot be guessed, for names that are secrets. A machine without a source of
  /// entropy gives what it has.
  virtual std::uint64_t random_bits() noexcept = 0;

  virtual coro::ReadyList& ready_list() noexcept = 0;

 protected:
  ~Loop() = default;

  virtual void begin_sleep(Sleep& operation) noexcept = 0;
  virtual void cancel_sleep(Sleep& operation) noexcept = 0;
};

}  // namespace wherry::net
