// SPDX-License-Identifier: MIT
// Claims: what only one request of a loop may have at a time, and how a newer request takes it from
// an older one: the older one is interrupted (its body cannot be read any more), ends, and lets go;
// only then the newer one goes on.
//
//     Claim claim(request, key);
//     co_await claim.take();   // from here to the claim's end nobody else has `key`
//
// Invariant: of the claims with one key, the oldest in the list has it; all others wait.
#pragma once

#include <array>
#include <cstddef>

#include "wherry/coro/operation.h"

namespace wherry::app {

class Body;
class Claim;
class Request;

class Claims {
 public:
  using Key = std::array<std::byte, 16>;

  /// Whether somebody has `key`, or waits for it.
  bool has(const Key& key) const noexcept;

 private:
  friend class Claim;
  Claim* oldest_ = nullptr;
};

/// Of one request; lies in its handler's frame.
class Claim {
 public:
  /// The operation of waiting until those before have let go. Newer claims with the same key make
  /// it fail with `cancelled`.
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
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim();

  /// Interrupts those who have the key or wait for it, and waits until they have let go.
  [[nodiscard]] Take take() noexcept { return Take(*this); }

 private:
  friend class Claims;

  void begin(Take& operation) noexcept;
  void interrupt() noexcept;
  /// Returns: the oldest claim with the same key.
  Claim& holder() noexcept;

  Claims& claims_;
  Body& body_;
  Claims::Key key_;
  Claim* newer_ = nullptr;
  Take* waiting_ = nullptr;
};

}  // namespace wherry::app
