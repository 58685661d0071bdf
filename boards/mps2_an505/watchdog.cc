// SPDX-License-Identifier: MIT
// The CMSDK's watchdog, the one that is not secure: the other's first alarm is no reset but an NMI.
// It runs out twice before it resets, so that each run is half the period.
#include "boards/common/watchdog.h"

#include "boards/common/cortex_m.h"

namespace wherry::boards::watchdog_timer {
namespace {

constexpr std::uint32_t kTicksPerMs = 20'000;  // of the system's clock

constexpr std::uintptr_t kWatchdog = 0x40081000;
constexpr Register kLoad(kWatchdog + 0x000);
constexpr Register kControl(kWatchdog + 0x008);
constexpr Register kClear(kWatchdog + 0x00C);  // any value: it begins anew

}  // namespace

void start(std::uint32_t period_ms) noexcept {
  constexpr std::uint32_t kReset = 1u << 1, kRun = 1;
  kLoad.set(period_ms / 2 * kTicksPerMs);
  kControl.set(kReset | kRun);  // its interrupt is left off in the core
}

void restart() noexcept { kClear.set(1); }

}  // namespace wherry::boards::watchdog_timer
