// SPDX-License-Identifier: MIT
// SleepList: the sleepers of one loop in the order in which they wake. What every port needs for
// Loop::Sleep; it knows no clock and no timer.
//
// Invariant: sorted by due_ms; of two that are due at the same time the one that began first stands
// first.
#pragma once

#include <cstdint>

#include "wherry/net/net.h"

namespace wherry::net {

class SleepList {
 public:
  /// Searched from the end: sleeps of one length, by far the most, are put in at once.
  void insert(Loop::Sleep& sleep, std::uint64_t due_ms) noexcept {
    sleep.due_ms = due_ms;
    Loop::Sleep* before = last_;
    while (before != nullptr && before->due_ms > due_ms) before = before->previous;
    sleep.previous = before;
    sleep.next = before != nullptr ? before->next : first_;
    (sleep.next != nullptr ? sleep.next->previous : last_) = &sleep;
    (before != nullptr ? before->next : first_) = &sleep;
  }

  void remove(Loop::Sleep& sleep) noexcept {
    (sleep.previous != nullptr ? sleep.previous->next : first_) = sleep.next;
    (sleep.next != nullptr ? sleep.next->previous : last_) = sleep.previous;
  }

  bool is_empty() const noexcept { return first_ == nullptr; }

  /// The list must not be empty.
  std::uint64_t first_due_ms() const noexcept { return first_->due_ms; }

  /// Ends all sleeps that are over.
  void finish_due(std::uint64_t now_ms) noexcept {
    while (first_ != nullptr && first_->due_ms <= now_ms) {
      Loop::Sleep& sleep = *first_;
      remove(sleep);
      sleep.finish();
    }
  }

 private:
  Loop::Sleep* first_ = nullptr;
  Loop::Sleep* last_ = nullptr;
};

}  // namespace wherry::net
