// SPDX-License-Identifier: MIT
// From reset to wherry_main(), and what the board's parts owe the start-up code.
#pragma once

#include <cstddef>

/// The program: each board's main.cc has it. Never returns.
extern "C" [[noreturn, gnu::noinline]] void wherry_main();

namespace wherry::boards {

/// The timer's interrupt: clock.cc has it.
void on_tick() noexcept;

/// The most bytes of stack that were ever in use.
std::size_t peak_stack_bytes() noexcept;

/// All bytes that the stack may have.
std::size_t stack_bytes() noexcept;

}  // namespace wherry::boards
