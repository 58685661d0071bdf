// SPDX-License-Identifier: MIT
// Operation: what can be awaited. LeafOperation: the base of those that a port or a disk completes.
//
// An operation lives in the frame of the coroutine that awaits it and has no frame of its own. Its
// address is fixed from start() on. Destroying a pending one is how a wait is cancelled: the
// destructor of each kind takes it out of wherever it is registered.
#pragma once

#include <concepts>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/base/result.h"
#include "wherry/coro/waiter.h"

namespace wherry::coro {

/// `start`: begins; true when it has ended already, else `waiter.operation_ended` is called later.
/// `status`: how it ended. `take`: its value, when that was Error::none.
template <class T>
concept Operation = requires(T& operation, Waiter& waiter) {
  { operation.start(waiter) } -> std::same_as<bool>;
  { operation.status() } -> std::same_as<Error>;
  operation.take();
};

class LeafOperation {
 public:
  LeafOperation() = default;
  // Moved only before it has started: from the expression that made it into the awaiting frame.
  LeafOperation(LeafOperation&& other) noexcept { WHERRY_ASSERT(other.waiter_ == nullptr); }
  LeafOperation& operator=(LeafOperation&&) = delete;

  Error status() const noexcept { return error_; }
  bool is_pending() const noexcept { return waiter_ != nullptr; }
  /// Of who waits for it, while it is pending.
  const ReadyList& ready_list() const noexcept { return waiter_->ready_list(); }

  /// Says how it ended. Called by the side that carries it out: from within its begin (then the
  /// awaiting coroutine goes on at once, or after a turn of the loop when it has had enough of
  /// those), or later from the loop's thread.
  void finish(Error error = Error::none) noexcept {
    WHERRY_ASSERT(waiter_ != nullptr);
    error_ = error;
    Waiter& waiter = *std::exchange(waiter_, nullptr);
    if (is_beginning_ && (error != Error::none || waiter.ready_list().take_immediate_turn())) {
      ended_at_once_ = true;
    } else {
      waiter.operation_ended(error);
    }
  }

 protected:
  ~LeafOperation() = default;

  template <class Begin>
  bool begin_for(Waiter& waiter, Begin begin) noexcept {
    waiter_ = &waiter;
    is_beginning_ = true;
    begin();
    is_beginning_ = false;
    return ended_at_once_;
  }

 private:
  Waiter* waiter_ = nullptr;
  Error error_ = Error::none;
  bool is_beginning_ = false;
  bool ended_at_once_ = false;
};

}  // namespace wherry::coro
