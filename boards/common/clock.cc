// SPDX-License-Identifier: MIT
#include "boards/common/clock.h"

#include <atomic>

#include "boards/common/cortex_m.h"
#include "boards/common/startup.h"

namespace wherry::boards {
namespace {

constinit std::atomic<std::uint32_t> ticks_ms = 0;

}  // namespace

void start_clock(std::uint32_t core_hz) noexcept {
  constexpr Register kControl(0xE000E010);
  constexpr Register kReload(0xE000E014);
  constexpr Register kValue(0xE000E018);
  constexpr std::uint32_t kCoreClock = 4, kInterrupt = 2, kEnable = 1;
  kReload.set(core_hz / 1000 - 1);
  kValue.set(0);
  kControl.set(kCoreClock | kInterrupt | kEnable);
}

void on_tick() noexcept {
  // One writer, which nothing interrupts but what does not write.
  ticks_ms.store(ticks_ms.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

std::uint64_t uptime_ms() noexcept {
  static std::uint64_t uptime = 0;
  const std::uint32_t ticks = ticks_ms.load(std::memory_order_relaxed);
  uptime += ticks - static_cast<std::uint32_t>(uptime);
  return uptime;
}

}  // namespace wherry::boards

// lwIP's clock.
extern "C" std::uint32_t sys_now() {
  return static_cast<std::uint32_t>(wherry::boards::uptime_ms());
}
