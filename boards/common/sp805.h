// SPDX-License-Identifier: MIT
// Arm's watchdog module (SP805), which many chips have: where it lies is the board's affair.
//
// It runs out twice before it resets, so that each run is half the period.
#pragma once

#include <cstdint>

#include "boards/common/cortex_m.h"

namespace wherry::boards {

class Sp805 {
 public:
  /// `ticks_per_ms`: of the clock that it counts.
  constexpr Sp805(std::uintptr_t address, std::uint32_t ticks_per_ms) noexcept
      : address_(address), ticks_per_ms_(ticks_per_ms) {}

  void start(std::uint32_t period_ms) const noexcept {
    constexpr std::uint32_t kReset = 1u << 1, kRun = 1;
    Register(address_ + 0x000).set(period_ms / 2 * ticks_per_ms_);
    Register(address_ + 0x008).set(kReset | kRun);  // its interrupt is left off in the core
  }

  /// Begins the period anew.
  void restart() const noexcept { Register(address_ + 0x00C).set(1); }

 private:
  std::uintptr_t address_;
  std::uint32_t ticks_per_ms_;
};

}  // namespace wherry::boards
