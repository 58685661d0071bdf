// SPDX-License-Identifier: MIT
// The LM3S6965's watchdog: an SP805 that needs its clock.
#include "boards/common/watchdog.h"

#include "boards/common/cortex_m.h"
#include "boards/common/sp805.h"

namespace wherry::boards::watchdog_timer {
namespace {

constexpr Sp805 kWatchdog(0x40000000, 12'500);  // the core's clock

}  // namespace

void start(std::uint32_t period_ms) noexcept {
  constexpr Register kClocks(0x400FE100);
  constexpr std::uint32_t kWatchdogClock = 1u << 3;
  kClocks.set_bits(kWatchdogClock);
  kWatchdog.start(period_ms);
}

void restart() noexcept { kWatchdog.restart(); }

}  // namespace wherry::boards::watchdog_timer
