// SPDX-License-Identifier: MIT
// Who waits for what, and who runs next.
//
// A Waiter waits for one operation at a time. When that ends, the waiter goes onto its loop's
// ready list, which the port drains: nobody resumes anybody inline, so the stack stays flat however
// long a chain of awaits is. When the operation failed and the waiter did not ask to look at the
// error, the waiter itself ends with it, and so do those who wait for it, up to the first that
// looks. None of those is resumed: its owner destroys it.
//
// This file knows nothing of coroutines, sockets or threads. Everything here belongs to one loop.
#pragma once

#include <cstdint>

#include "wherry/base/error.h"

namespace wherry::coro {

class ReadyList;

/// Something that can wait for one operation and is run when that has ended.
class Waiter {
 public:
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  /// Says that what this waits for has ended. With an error that nobody up to here looks at, ends
  /// this and its parents; otherwise puts the one to run onto the ready list.
  void operation_ended(Error error) noexcept;

  /// Ends this: with what the parent will see as the outcome of what it waits for.
  void end(Error error) noexcept;

  bool has_ended() const noexcept { return ended_; }
  Error error() const noexcept { return error_; }
  ReadyList& ready_list() const noexcept { return *ready_list_; }

  /// Chooses, before each wait, whether an error ends this (false) or is looked at (true).
  void look_at_errors(bool looks) noexcept { looks_at_errors_ = looks; }

 protected:
  using Run = void (*)(Waiter&) noexcept;

  Waiter(ReadyList& ready_list, Run run) noexcept : ready_list_(&ready_list), run_(run) {}
  // By then it has left the ready list: whoever destroys one sees to that, so that no coroutine has
  // to.
  ~Waiter() = default;

  /// Starts a waiter as what `parent` waits for. `resume` runs it until it first waits or ends.
  /// Returns: true when it has ended already; then operation_ended is not called on `parent`.
  template <class Resume>
  bool start_for(Waiter& parent, Resume resume) noexcept {
    parent_ = &parent;
    is_starting_ = true;
    resume();
    is_starting_ = false;
    return ended_;
  }

  /// Whether this is on the ready list.
  bool is_ready() const noexcept { return is_ready_; }

  /// Takes this off the ready list, if it is there.
  void leave_ready_list() noexcept;

  /// Tells the parent, unless it is still inside start_for and will see for itself.
  void tell_parent(Error error) noexcept {
    if (!is_starting_ && parent_ != nullptr) parent_->operation_ended(error);
  }

 private:
  friend class ReadyList;

  ReadyList* ready_list_;
  Run run_;
  Waiter* parent_ = nullptr;
  Waiter* previous_ready_ = nullptr;
  Waiter* next_ready_ = nullptr;
  bool is_ready_ = false;
  bool looks_at_errors_ = false;
  bool is_starting_ = false;
  bool ended_ = false;
  Error error_ = Error::none;
};

/// The waiters of one loop that can go on, first come first served.
class ReadyList {
 public:
  ReadyList() = default;
  ~ReadyList();
  ReadyList(const ReadyList&) = delete;
  ReadyList& operator=(const ReadyList&) = delete;

  /// Puts `waiter` at the end. It must not be in the list already.
  void push(Waiter& waiter) noexcept;

  /// Runs each waiter that was in the list when the round began, in order; those that become ready
  /// meanwhile wait for the next round, so that the port can look at the network in between.
  void run_round() noexcept;

  bool is_empty() const noexcept { return first_ == nullptr; }

  /// Tells one round from all others, and from the times between them: what two look-ups of the
  /// same number enclose happened within one round. Who waits for what has ended before a round
  /// began runs in that one or later.
  std::uint64_t round() const noexcept { return round_; }

  /// Takes one from the number of operations that may end without suspending before the loop gets
  /// its turn, so that a peer who is always ready cannot keep the others waiting.
  /// Returns: false when they are used up.
  bool take_immediate_turn() noexcept;

  /// Gives all of them to who comes next. For a waiter that runs several.
  void begin_turn() noexcept { immediate_turns_ = kImmediateTurns; }

 private:
  friend class Waiter;
  static constexpr std::uint32_t kImmediateTurns = 16;

  void remove(Waiter& waiter) noexcept;

  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  Waiter* round_end_ = nullptr;  // the last waiter of the running round
  std::uint64_t round_ = 0;
  std::uint32_t immediate_turns_ = kImmediateTurns;
};

}  // namespace wherry::coro
