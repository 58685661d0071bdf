// SPDX-License-Identifier: MIT
#include "wherry/app/claims.h"

#include <utility>

#include "wherry/app/request.h"

namespace wherry::app {

bool Claims::has(const Key& key) const noexcept {
  for (const Claim* claim = oldest_; claim != nullptr; claim = claim->newer_) {
    if (claim->key_ == key) return true;
  }
  return false;
}

Claim::Claim(Request& request, const Claims::Key& key) noexcept
    : claims_(request.claims()), body_(request.body()), key_(key) {
  Claim** end = &claims_.oldest_;
  while (*end != nullptr) end = &(*end)->newer_;
  *end = this;
}

Claim::~Claim() {
  Claim** place = &claims_.oldest_;
  while (*place != this) place = &(*place)->newer_;
  *place = newer_;
  for (Claim* claim = claims_.oldest_; claim != nullptr; claim = claim->newer_) {
    if (claim->key_ != key_) continue;
    // The oldest has it now.
    if (claim->waiting_ != nullptr) std::exchange(claim->waiting_, nullptr)->finish();
    return;
  }
}

Claim& Claim::holder() noexcept {
  Claim* claim = claims_.oldest_;
  while (claim->key_ != key_) claim = claim->newer_;
  return *claim;
}

void Claim::begin(Take& operation) noexcept {
  for (Claim* claim = claims_.oldest_; claim != this; claim = claim->newer_) {
    if (claim->key_ == key_) claim->interrupt();
  }
  if (&holder() == this) return operation.finish();
  waiting_ = &operation;
}

void Claim::interrupt() noexcept {
  if (waiting_ != nullptr) return std::exchange(waiting_, nullptr)->finish(Error::cancelled);
  body_.interrupt();
}

}  // namespace wherry::app
