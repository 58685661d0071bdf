// SPDX-License-Identifier: MIT
#include "boards/common/watchdog.h"

#include "boards/common/clock.h"
#include "boards/common/console.h"
#include "wherry/base/text_writer.h"

namespace wherry::boards::watchdog {
namespace {

constinit std::uint64_t last_fed_ms = 0;
constinit std::uint32_t longest_ms = 0;

void tell() noexcept {
  char text[64];
  TextWriter line(text);
  line.append("Watchdog: fed again after ").append_decimal(longest_ms).append(" ms");
  console().write_line(line.view());
}

}  // namespace

void start() noexcept {
  last_fed_ms = uptime_ms();
  watchdog_timer::start(kWatchdogMs);
}

void feed() noexcept {
  watchdog_timer::restart();
  const std::uint64_t now_ms = uptime_ms();
  const auto gap_ms = static_cast<std::uint32_t>(now_ms - last_fed_ms);
  last_fed_ms = now_ms;
  if (gap_ms <= longest_ms) return;
  longest_ms = gap_ms;
  if (gap_ms > kTellMs) tell();
}

std::uint32_t longest_call_ms() noexcept { return longest_ms; }

}  // namespace wherry::boards::watchdog
