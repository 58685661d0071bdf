// SPDX-License-Identifier: MIT
// UART0 of the CMSDK, by its secure address.
#include "boards/common/serial.h"

#include "boards/common/cortex_m.h"

namespace wherry::boards::serial {
namespace {

constexpr std::uintptr_t kUart0 = 0x50200000;
constexpr Register kData(kUart0 + 0x00);
constexpr Register kState(kUart0 + 0x04);
constexpr Register kControl(kUart0 + 0x08);
constexpr Register kDivisor(kUart0 + 0x10);
constexpr std::uint32_t kIsFull = 1;

}  // namespace

void start() noexcept {
  constexpr std::uint32_t kTransmit = 1;
  kDivisor.set(20'000'000 / 115'200);
  kControl.set(kTransmit);
}

bool has_room() noexcept { return (kState.get() & kIsFull) == 0; }

void put(char character) noexcept { kData.set(static_cast<unsigned char>(character)); }

}  // namespace wherry::boards::serial
