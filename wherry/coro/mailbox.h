// SPDX-License-Identifier: MIT
// Mailbox: how work that was done elsewhere (a disk thread, an interrupt) comes back to its loop.
#pragma once

namespace wherry::coro {

/// One piece of work that ended elsewhere. Intrusive: posting it allocates nothing.
struct Completion {
  using Run = void (*)(Completion&) noexcept;
  explicit Completion(Run run_on_loop) noexcept : run(run_on_loop) {}

  Run run;                     // called on the loop's thread
  Completion* next = nullptr;  // the mailbox's
};

/// Implemented by each port's loop.
class Mailbox {
 public:
  /// Has `completion.run` called on the loop's thread, soon. From any thread, never blocking for
  /// longer than it takes to link it in. Lifetime: `completion` stays until it has run; it may be
  /// posted again from then on.
  virtual void post(Completion& completion) noexcept = 0;

 protected:
  ~Mailbox() = default;
};

}  // namespace wherry::coro
