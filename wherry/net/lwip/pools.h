// SPDX-License-Identifier: MIT
// LwipPools: what lwIP has in use of its fixed memory: its heap, and each of its pools.
#pragma once

#include "wherry/base/status.h"

namespace wherry::net::lwip {

class LwipPools final : public StatusSource {
 public:
  /// Tells the section "lwip": the heap in bytes and each pool in places, as used, peak, limit and
  /// failures (what was asked for when there was none: the peer sends that again).
  void report(StatusSink& sink) const noexcept override;
};

}  // namespace wherry::net::lwip
