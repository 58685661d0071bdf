// SPDX-License-Identifier: MIT
#include "boards/lm3s6965evb/spi.h"

#include "boards/common/cortex_m.h"

namespace wherry::boards::spi {
namespace {

constexpr std::uintptr_t kSsi0 = 0x40008000;
constexpr Register kControl0(kSsi0 + 0x00);
constexpr Register kControl1(kSsi0 + 0x04);
constexpr Register kData(kSsi0 + 0x08);
constexpr Register kStatus(kSsi0 + 0x0C);
constexpr Register kPrescaler(kSsi0 + 0x10);
constexpr Register kRawInterrupts(kSsi0 + 0x18);
constexpr std::uint32_t kHasReceived = 1u << 2;
constexpr std::uint32_t kHasHalf = 1u << 2;  // at least half of what the FIFO holds has come
constexpr std::size_t kFifoSize = 8, kHalf = kFifoSize / 2;

// A port's data register answers for the pins whose bits are set in the address.
constexpr Register kPinD0(0x40007000 + (1u << 2));

inline std::uint8_t take() noexcept {
  while ((kStatus.get() & kHasReceived) == 0) continue;
  return static_cast<std::uint8_t>(kData.get());
}

inline void wait_for_half() noexcept {
  while ((kRawInterrupts.get() & kHasHalf) == 0) continue;
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

// As much is under way as the FIFO holds, so that the line never rests; four bytes for each look at
// what has come.
void receive(MutableBytes into) noexcept {
  constexpr std::uint32_t kOnes = 0xFF;
  for (std::size_t i = 0; i < kFifoSize; ++i) kData.set(kOnes);
  std::byte* next = into.data();
  std::byte* const end = next + into.size();
  for (; next != end - kFifoSize; next += kHalf) {
    wait_for_half();
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kHalf; ++i) {
      next[i] = static_cast<std::byte>(kData.get());
      kData.set(kOnes);
    }
  }
  for (; next != end; ++next) *next = std::byte{take()};
}

void send(Bytes bytes) noexcept {
  const std::byte* next = bytes.data();
  const std::byte* const end = next + bytes.size();
  for (std::size_t i = 0; i < kFifoSize; ++i) kData.set(std::to_integer<std::uint32_t>(*next++));
  for (; next != end; next += kHalf) {
    wait_for_half();
#pragma GCC unroll 4
    for (std::size_t i = 0; i < kHalf; ++i) {
      static_cast<void>(kData.get());
      kData.set(std::to_integer<std::uint32_t>(next[i]));
    }
  }
  for (std::size_t i = 0; i < kFifoSize; ++i) static_cast<void>(take());
}

}  // namespace wherry::boards::spi
