// SPDX-License-Identifier: MIT
// Runner: the top of a chain of awaits: what starts a Task and learns how it ended.
#pragma once

#include <optional>
#include <utility>

#include "wherry/coro/task.h"

namespace wherry::coro {

class Runner : public Waiter {
 public:
  /// Calls `ended(owner, error)` from the loop when the task has ended, by then destroyed. The
  /// runner may start the next one, or be destroyed, from within that call.
  using Ended = void (*)(void* owner, Error error) noexcept;
  Runner(ReadyList& ready_list, Ended ended, void* owner) noexcept
      : Waiter(ready_list, &run), ended_call_(ended), owner_(owner) {
    look_at_errors(true);
  }

  ~Runner() { cancel(); }

  /// Runs `task` until it first waits. One at a time.
  void start(Task<> task) noexcept {
    WHERRY_ASSERT(!is_running());
    task_.emplace(std::move(task));
    if (task_->start(*this)) ready_list().push(*this);
  }

  /// Destroys the task where it stands; `ended` is not called.
  void cancel() noexcept {
    task_.reset();
    leave_ready_list();
  }

  bool is_running() const noexcept { return task_.has_value(); }

 private:
  static void run(Waiter& waiter) noexcept {
    auto& self = static_cast<Runner&>(waiter);
    const Error error = self.task_->status();
    self.task_.reset();
    self.ended_call_(self.owner_, error);
  }

  std::optional<Task<>> task_;
  Ended ended_call_;
  void* owner_;
};

}  // namespace wherry::coro
