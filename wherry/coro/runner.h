// SPDX-License-Identifier: MIT
// Runner: the top of a chain of awaits: what starts a Task and learns how it ended.
// OperationRunner: the same for any operation that is waited for without a coroutine.
#pragma once

#include <optional>
#include <utility>

#include "wherry/coro/task.h"

namespace wherry::coro {

template <Operation Op>
class OperationRunner : public Waiter {
 public:
  /// Calls `ended(owner, error)` from the loop when the operation has ended, by then destroyed. The
  /// runner may start the next one, or be destroyed, from within that call.
  using Ended = void (*)(void* owner, Error error) noexcept;
  OperationRunner(ReadyList& ready_list, Ended ended, void* owner) noexcept
      : Waiter(ready_list, &run), ended_call_(ended), owner_(owner) {
    look_at_errors(true);
  }

  ~OperationRunner() { cancel(); }

  /// Runs `operation` until it first waits. One at a time.
  void start(Op operation) noexcept {
    WHERRY_ASSERT(!is_running());
    operation_.emplace(std::move(operation));
    if (operation_->start(*this)) ready_list().push(*this);
  }

  /// Destroys the operation where it stands; `ended` is not called.
  void cancel() noexcept {
    operation_.reset();
    leave_ready_list();
  }

  bool is_running() const noexcept { return operation_.has_value(); }

 private:
  static void run(Waiter& waiter) noexcept {
    auto& self = static_cast<OperationRunner&>(waiter);
    const Error error = self.operation_->status();
    self.operation_.reset();
    self.ended_call_(self.owner_, error);
  }

  std::optional<Op> operation_;
  Ended ended_call_;
  void* owner_;
};

using Runner = OperationRunner<Task<>>;

}  // namespace wherry::coro
