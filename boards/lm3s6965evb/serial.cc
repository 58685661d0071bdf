// SPDX-License-Identifier: MIT
// UART0 (PL011), 115200 baud, 8N1, on pins A0 and A1.
#include "boards/common/serial.h"

#include "boards/common/cortex_m.h"

namespace wherry::boards::serial {
namespace {

constexpr std::uintptr_t kUart0 = 0x4000C000;
constexpr Register kData(kUart0 + 0x00);
constexpr Register kFlags(kUart0 + 0x18);
constexpr Register kIntegerDivisor(kUart0 + 0x24);
constexpr Register kFractionalDivisor(kUart0 + 0x28);
constexpr Register kLineControl(kUart0 + 0x2C);
constexpr Register kControl(kUart0 + 0x30);
constexpr std::uint32_t kIsFull = 1u << 5;

}  // namespace

void start() noexcept {
  constexpr Register kUartClock(0x400FE104), kPortClock(0x400FE108);
  constexpr Register kPortAFunction(0x40004420), kPortADigital(0x4000451C);
  constexpr std::uint32_t kPinsA0A1 = 3;
  kUartClock.set_bits(1);
  kPortClock.set_bits(1);
  kPortAFunction.set_bits(kPinsA0A1);
  kPortADigital.set_bits(kPinsA0A1);
  // 12.5 MHz / (16 * 115200) = 6 + 50/64
  kControl.set(0);
  kIntegerDivisor.set(6);
  kFractionalDivisor.set(50);
  constexpr std::uint32_t kEightBits = 3u << 5, kFifos = 1u << 4;
  kLineControl.set(kEightBits | kFifos);
  constexpr std::uint32_t kReceive = 1u << 9, kTransmit = 1u << 8, kEnable = 1;
  kControl.set(kReceive | kTransmit | kEnable);
}

bool has_room() noexcept { return (kFlags.get() & kIsFull) == 0; }

void put(char character) noexcept { kData.set(static_cast<unsigned char>(character)); }

}  // namespace wherry::boards::serial
