// SPDX-License-Identifier: MIT
// The time since the board started, by the core's own timer. It never goes back and knows no date.
#pragma once

#include <cstdint>

namespace wherry::boards {

/// Starts to count. `core_hz`: the frequency of the core.
void start_clock(std::uint32_t core_hz) noexcept;

/// Milliseconds since start_clock(). From the main program, at least once in 49 days.
std::uint64_t uptime_ms() noexcept;

}  // namespace wherry::boards
