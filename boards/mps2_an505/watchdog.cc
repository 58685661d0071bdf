// SPDX-License-Identifier: MIT
// The CMSDK's watchdog, registers as an SP805's; of the two the one that is not secure: the other's
// first alarm is no reset but an NMI.
#include "boards/common/watchdog.h"

#include "boards/common/sp805.h"

namespace wherry::boards::watchdog_timer {
namespace {

constexpr Sp805 kWatchdog(0x40081000, 20'000);  // the system's clock

}  // namespace

void start(std::uint32_t period_ms) noexcept { kWatchdog.start(period_ms); }

void restart() noexcept { kWatchdog.restart(); }

}  // namespace wherry::boards::watchdog_timer
