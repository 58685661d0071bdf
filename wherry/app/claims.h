// SPDX-License-Identifier: MIT
// Claims: what only one request may have at a time, and how a newer request takes it from an older
// one: the older one is interrupted (its body cannot be read any more), ends, and lets go; only
// then the newer one goes on.
//
//     Claim claim(request, key);
//     co_await claim.take();   // from here to the claim's end nobody else has `key`
//
// The requests are those of one loop, or of several that share their claims. Knows no thread: who
// has several loops brings the lock. A loop touches only its own requests; it tells another one by
// that one's mailbox to look at its own. No memory is taken but what lies in the claims themselves.
//
// Invariant: of the claims with one key, the oldest in the list has it; all others wait.
#pragma once

#include <array>
#include <cstddef>

#include "wherry/coro/mailbox.h"
#include "wherry/coro/operation.h"

namespace wherry::app {

class Body;
class Claim;
class Request;

/// The claims of several loops together. Lifetime: longer than all of them.
class SharedClaims {
 public:
  SharedClaims() = default;
  SharedClaims(const SharedClaims&) = delete;
  SharedClaims& operator=(const SharedClaims&) = delete;

  // A mutex's. Held for a walk through the list, and no longer.
  virtual void lock() noexcept = 0;
  virtual void unlock() noexcept = 0;

  /// For Claims.
  Claim* oldest = nullptr;

 protected:
  ~SharedClaims() = default;
};

/// Of one loop.
class Claims {
 public:
  using Key = std::array<std::byte, 16>;

  Claims() noexcept : look_(*this) {}
  Claims(const Claims&) = delete;
  Claims& operator=(const Claims&) = delete;

  /// Before the first claim. `mailbox`: this loop's.  Lifetime: both outlive this object; what has
  /// been posted to the mailbox by the end of this object may not run any more.
  void share(SharedClaims& shared, coro::Mailbox& mailbox) noexcept;

  /// Whether a request, on whichever loop, has `key`, or waits for it.
  bool has(const Key& key) const noexcept;

 private:
  friend class Claim;

  class Lock;
  struct Look : coro::Completion {
    explicit Look(Claims& its_claims) noexcept;
    Claims& claims;
  };

  Claim*& oldest() noexcept { return shared_ != nullptr ? shared_->oldest : oldest_; }
  Claim* oldest() const noexcept { return shared_ != nullptr ? shared_->oldest : oldest_; }
  /// Returns: the oldest claim with `key`; nullptr: there is none. Locked.
  Claim* holder(const Key& key) const noexcept;
  /// Has look() called on this loop. From any loop, locked.
  void wake() noexcept;
  /// Does for this loop's claims what other loops have asked for.
  void look() noexcept;

  Claim* oldest_ = nullptr;  // where nothing is shared
  SharedClaims* shared_ = nullptr;
  coro::Mailbox* mailbox_ = nullptr;
  Look look_;
  bool is_woken_ = false;  // look_ is in the mailbox
};

/// Of one request; lies in its handler's frame.
class Claim {
 public:
  /// The operation of waiting until those before have let go. Newer claims with the same key make
  /// it fail with `closed`: as far as they know its client has gone, and nobody is to be told.
  class Take : public coro::LeafOperation {
   public:
    explicit Take(Claim& claim) noexcept : claim_(&claim) {}
    Take(Take&&) = default;
    ~Take() {
      if (is_pending()) claim_->waiting_ = nullptr;
    }
    bool start(coro::Waiter& waiter) noexcept {
      return begin_for(waiter, [this] { claim_->begin(*this); });
    }
    void take() const noexcept {}

   private:
    Claim* claim_;
  };

  Claim(Request& request, const Claims::Key& key) noexcept;
  /// Of nobody's request, and only if nobody has it: is_held() tells. It cannot be interrupted: who
  /// wants the key next waits.
  Claim(Claims& claims, const Claims::Key& key) noexcept;
  bool is_held() const noexcept { return is_listed_; }

  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim();

  /// Interrupts those who have the key or wait for it, and waits until they have let go.
  [[nodiscard]] Take take() noexcept { return Take(*this); }

 private:
  friend class Claims;

  void begin(Take& operation) noexcept;
  void join() noexcept;
  /// On its own loop.
  void let_go() noexcept;
  void go_on() noexcept;

  // Of these, other loops look at the first two, and at the next two with the lock.
  Claims& claims_;
  const Claims::Key key_;
  Claim* newer_ = nullptr;
  bool must_let_go_ = false;

  bool is_listed_ = true;
  bool was_told_ = false;  // to let go
  Body* body_ = nullptr;
  Take* waiting_ = nullptr;
};

}  // namespace wherry::app
