// SPDX-License-Identifier: MIT
// The watchdog: a timer of the board's own that starts the board anew when nobody has fed it for
// kWatchdogMs. It is fed by the main loop in each of its rounds and by the block driver with each
// sector, for littlefs may read thousands of them before it is done.
//
// What feeds it must have done work: never a loop that waits.
#pragma once

#include <cstdint>

namespace wherry::boards::watchdog {

/// A sector may take half a second by the SD specification, a card that starts a whole one.
inline constexpr std::uint32_t kWatchdogMs = 8'000;

/// Starts it: from now on it must be fed. Once, after start_clock().
void start() noexcept;

/// Says that the program is alive. A few instructions.
void feed() noexcept;

/// The longest time that has passed between two feedings, in milliseconds. The console is told when
/// it grows and is more than kTellMs.
std::uint32_t longest_call_ms() noexcept;
inline constexpr std::uint32_t kTellMs = 1'000;

}  // namespace wherry::boards::watchdog

/// The timer, as a board's driver provides it: watchdog.cc in the board's folder.
namespace wherry::boards::watchdog_timer {

/// Has the board start anew in `period_ms`, or a little later, unless restart() is called.
void start(std::uint32_t period_ms) noexcept;
void restart() noexcept;

}  // namespace wherry::boards::watchdog_timer
