// SPDX-License-Identifier: MIT
#include "boards/lm3s6965evb/spi.h"

#include <algorithm>

#include "boards/common/cortex_m.h"

namespace wherry::boards::spi {
namespace {

constexpr std::uintptr_t kSsi0 = 0x40008000;
constexpr Register kControl0(kSsi0 + 0x00);
constexpr Register kControl1(kSsi0 + 0x04);
constexpr Register kData(kSsi0 + 0x08);
constexpr Register kStatus(kSsi0 + 0x0C);
constexpr Register kPrescaler(kSsi0 + 0x10);
constexpr std::uint32_t kHasReceived = 1u << 2;
constexpr std::size_t kFifoSize = 8;

// A port's data register answers for the pins whose bits are set in the address.
constexpr Register kPinD0(0x40007000 + (1u << 2));

inline std::uint8_t take() noexcept {
  while ((kStatus.get() & kHasReceived) == 0) continue;
  return static_cast<std::uint8_t>(kData.get());
}

}  // namespace

void start() noexcept {
  constexpr Register kSsiClock(0x400FE104), kPortClock(0x400FE108);
  kSsiClock.set_bits(1u << 4);
  kPortClock.set_bits(1u << 3 | 1u << 0);
  constexpr Register kPortADigital(0x4000451C), kPortAFunction(0x40004420);
  constexpr std::uint32_t kClockInOut = 1u << 5 | 1u << 4 | 1u << 2;  // pins A5, A4, A2
  kPortAFunction.set_bits(kClockInOut);
  kPortADigital.set_bits(kClockInOut);
  constexpr Register kPortDDirection(0x40007400), kPortDDigital(0x4000751C);
  kPortDDirection.set_bits(1);
  kPortDDigital.set_bits(1);
  select(false);

  constexpr std::uint32_t kEightBits = 7, kEnable = 1u << 1;
  kControl1.set(0);
  kPrescaler.set(32);  // 390 kHz of 12.5 MHz
  kControl0.set(kEightBits);
  kControl1.set(kEnable);
  while ((kStatus.get() & kHasReceived) != 0) static_cast<void>(kData.get());
}

void go_fast() noexcept { kPrescaler.set(2); }

void select(bool is_selected) noexcept { kPinD0.set(is_selected ? 0 : 1); }

std::uint8_t exchange(std::uint8_t byte) noexcept {
  kData.set(byte);
  return take();
}

// As much is under way as the FIFO holds, so that the line never rests.
void receive(MutableBytes into) noexcept {
  constexpr std::uint32_t kOnes = 0xFF;
  const std::size_t ahead = std::min(into.size(), kFifoSize);
  for (std::size_t i = 0; i < ahead; ++i) kData.set(kOnes);
  for (std::byte& byte : into.first(into.size() - ahead)) {
    byte = std::byte{take()};
    kData.set(kOnes);
  }
  for (std::byte& byte : into.last(ahead)) byte = std::byte{take()};
}

void send(Bytes bytes) noexcept {
  const std::size_t ahead = std::min(bytes.size(), kFifoSize);
  for (const std::byte byte : bytes.first(ahead)) kData.set(std::to_integer<std::uint32_t>(byte));
  for (const std::byte byte : bytes.subspan(ahead)) {
    static_cast<void>(take());
    kData.set(std::to_integer<std::uint32_t>(byte));
  }
  for (std::size_t i = 0; i < ahead; ++i) static_cast<void>(take());
}

}  // namespace wherry::boards::spi
