// SPDX-License-Identifier: MIT
// What every Cortex-M has: memory-mapped registers, interrupts, sleep.
#pragma once

#include <cstdint>

namespace wherry::boards {

/// A register of 32 bits at a fixed address.
class Register {
 public:
  explicit constexpr Register(std::uintptr_t address) noexcept : address_(address) {}
  std::uint32_t get() const noexcept { return *pointer(); }
  void set(std::uint32_t value) const noexcept { *pointer() = value; }
  void set_bits(std::uint32_t bits) const noexcept { set(get() | bits); }
  std::uintptr_t address() const noexcept { return address_; }

 private:
  volatile std::uint32_t* pointer() const noexcept {
    return reinterpret_cast<volatile std::uint32_t*>(address_);
  }
  std::uintptr_t address_;
};

/// Lets interrupt `number` (0: the first that is not the core's) reach the core.
inline void enable_interrupt(std::uint32_t number) noexcept {
  constexpr std::uintptr_t kSetEnable = 0xE000E100;
  Register(kSetEnable + 4 * (number / 32)).set(1u << number % 32);
}

/// While one exists no interrupt is served. One that comes meanwhile ends sleep() all the same.
class InterruptLock {
 public:
  InterruptLock() noexcept { asm volatile("cpsid i" ::: "memory"); }
  ~InterruptLock() { asm volatile("cpsie i\n isb" ::: "memory"); }
  InterruptLock(const InterruptLock&) = delete;
  InterruptLock& operator=(const InterruptLock&) = delete;

  void sleep() const noexcept { asm volatile("dsb\n wfi" ::: "memory"); }
};

/// Starts the board anew.
[[noreturn]] inline void reset() noexcept {
  constexpr std::uintptr_t kInterruptAndReset = 0xE000ED0C;
  constexpr std::uint32_t kKeyAndRequest = 0x05FA0004;
  asm volatile("dsb" ::: "memory");
  Register(kInterruptAndReset).set(kKeyAndRequest);
  while (true) asm volatile("wfi");
}

}  // namespace wherry::boards
