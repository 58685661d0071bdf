// SPDX-License-Identifier: MIT
// PostedList: completions on their way from other threads to their loop. For ports that have
// threads.
//
// It must not know how the loop is woken. Invariant: a completion is in the list from its post()
// until the run_all() that runs it, first come first served.
#pragma once

#include <mutex>
#include <utility>

#include "wherry/coro/mailbox.h"

namespace wherry::net {

class PostedList {
 public:
  /// From any thread. Returns: whether the list was empty, so that its loop must be woken.
  bool post(coro::Completion& completion) noexcept {
    completion.next = nullptr;
    const std::scoped_lock lock(mutex_);
    const bool was_empty = first_ == nullptr;
    (was_empty ? first_ : last_->next) = &completion;
    last_ = &completion;
    return was_empty;
  }

  /// Runs those that were posted before the call, on the calling thread: the loop's.
  /// Returns: whether there were any.
  bool run_all() noexcept {
    coro::Completion* next = nullptr;
    {
      const std::scoped_lock lock(mutex_);
      next = std::exchange(first_, nullptr);
    }
    const bool had_any = next != nullptr;
    while (next != nullptr) {
      coro::Completion& completion = *std::exchange(next, next->next);  // run() may post it again
      completion.run(completion);
    }
    return had_any;
  }

 private:
  std::mutex mutex_;
  coro::Completion* first_ = nullptr;
  coro::Completion* last_ = nullptr;  // of a list that is not empty
};

}  // namespace wherry::net
