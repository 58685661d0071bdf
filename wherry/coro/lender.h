// SPDX-License-Identifier: MIT
// Lender: who has room for bytes that come. Asked when they have: who waits for them holds none.
#pragma once

#include "wherry/base/bytes.h"

namespace wherry::coro {

class Lender {
 public:
  /// Returns: where the next bytes go.  Lifetime: until they are there, or put_off().
  virtual MutableBytes room() noexcept = 0;
  /// Nothing has come yet: what room() has lent may be lent to others until it is called again.
  virtual void put_off() noexcept {}

 protected:
  ~Lender() = default;
};

}  // namespace wherry::coro
