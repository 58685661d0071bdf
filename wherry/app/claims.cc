// SPDX-License-Identifier: MIT
#include "wherry/app/claims.h"

#include <utility>

#include "wherry/app/request.h"

namespace wherry::app {

/// Of the list; nothing, where it is not shared.
class Claims::Lock {
 public:
  explicit Lock(const Claims& claims) noexcept : shared_(claims.shared_) {
    if (shared_ != nullptr) shared_->lock();
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    if (shared_ != nullptr) shared_->unlock();
  }

 private:
  SharedClaims* shared_;
};

// ---------------------------------------------------------------- those of a loop

Claims::Look::Look(Claims& its_claims) noexcept
    : coro::Completion([](coro::Completion& completion) noexcept {
        static_cast<Look&>(completion).claims.look();
      }),
      claims(its_claims) {}

void Claims::share(SharedClaims& shared, coro::Mailbox& mailbox) noexcept {
  WHERRY_ASSERT(oldest_ == nullptr);
  shared_ = &shared;
  mailbox_ = &mailbox;
}

bool Claims::has(const Key& key) const noexcept {
  const Lock lock(*this);
  return holder(key) != nullptr;
}

Claim* Claims::holder(const Key& key) const noexcept {
  Claim* claim = oldest();
  while (claim != nullptr && claim->key_ != key) claim = claim->newer_;
  return claim;
}

void Claims::wake() noexcept {
  if (!std::exchange(is_woken_, true)) mailbox_->post(look_);
}

void Claims::look() noexcept {
  const Lock lock(*this);
  is_woken_ = false;
  for (Claim* claim = oldest(); claim != nullptr; claim = claim->newer_) {
    if (&claim->claims_ != this) continue;
    if (claim->must_let_go_) {
      claim->let_go();
    } else if (holder(claim->key_) == claim) {
      claim->go_on();
    }
  }
}

// ---------------------------------------------------------------- one of them

Claim::Claim(Request& request, const Claims::Key& key) noexcept
    : claims_(request.claims()), key_(key), body_(&request.body()) {
  const Claims::Lock lock(claims_);
  join();
}

Claim::Claim(Claims& claims, const Claims::Key& key) noexcept : claims_(claims), key_(key) {
  const Claims::Lock lock(claims_);
  is_listed_ = claims_.holder(key) == nullptr;
  if (is_listed_) join();
}

void Claim::join() noexcept {
  Claim** end = &claims_.oldest();
  while (*end != nullptr) end = &(*end)->newer_;
  *end = this;
}

Claim::~Claim() {
  if (!is_listed_) return;
  const Claims::Lock lock(claims_);
  Claim** place = &claims_.oldest();
  while (*place != this) place = &(*place)->newer_;
  *place = newer_;
  Claim* const next = claims_.holder(key_);
  if (next == nullptr) return;
  if (&next->claims_ == &claims_) {
    next->go_on();
  } else {
    next->claims_.wake();
  }
}

void Claim::begin(Take& operation) noexcept {
  const Claims::Lock lock(claims_);
  if (must_let_go_) return operation.finish(Error::closed);
  waiting_ = &operation;
  for (Claim* claim = claims_.oldest(); claim != this; claim = claim->newer_) {
    if (claim->key_ != key_) continue;
    claim->must_let_go_ = true;
    if (&claim->claims_ == &claims_) {
      claim->let_go();
    } else {
      claim->claims_.wake();
    }
  }
  if (claims_.holder(key_) == this) go_on();
}

void Claim::let_go() noexcept {
  if (std::exchange(was_told_, true)) return;
  if (waiting_ != nullptr) return std::exchange(waiting_, nullptr)->finish(Error::closed);
  if (body_ != nullptr) body_->interrupt();
}

void Claim::go_on() noexcept {
  if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->finish();
}

}  // namespace wherry::app
