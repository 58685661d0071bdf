// SPDX-License-Identifier: MIT
// Semihosting: what an emulator or a debugger does for the program that it runs. Where there is
// neither, the first call is a fault.
// Source: Arm Semihosting, release 2.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace wherry::boards::semihosting {

using Word = std::uint32_t;

enum class Operation : int {
  open = 0x01,
  print = 0x04,
  write = 0x05,
  read = 0x06,
  seek = 0x0A,
  file_size = 0x0C,
  command_line = 0x15,
  exit = 0x18,
};

/// `argument`: that of the operation, most often the address of its words.
inline int call(Operation operation, const void* argument) noexcept {
  register int result asm("r0") = static_cast<int>(operation);
  register const void* parameter asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(result) : "r"(parameter) : "memory");
  return result;
}

inline Word address_of(const void* pointer) noexcept { return reinterpret_cast<Word>(pointer); }

/// Shows `text`, which ends with NUL, where the emulator shows what it has to say.
inline void print(const char* text) noexcept { call(Operation::print, text); }

/// Returns: the emulator's semihosting arguments with a space between them, a prefix of `into`;
/// empty when they do not fit.
inline std::string_view command_line(std::span<char> into) noexcept {
  Word line[] = {address_of(into.data()), into.size()};
  if (call(Operation::command_line, line) != 0) return {};
  return {into.data(), line[1]};
}

/// Ends the emulator: with exit status 0 for success, else with 1.
[[noreturn]] inline void exit(bool success) noexcept {
  constexpr Word kApplicationExit = 0x20026, kRunTimeError = 0x20023;
  while (true) {
    call(Operation::exit,
         reinterpret_cast<const void*>(success ? kApplicationExit : kRunTimeError));
  }
}

}  // namespace wherry::boards::semihosting
