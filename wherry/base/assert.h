// SPDX-License-Identifier: MIT
// Assertions: for our own bugs only, never for what a peer, a disk or a limit can cause.
#pragma once

namespace wherry {

/// Ends the program with the text of the failed assertion. A port may replace it (weak symbol):
/// a board prints on its console and resets.
[[noreturn]] void panic(const char* expression, const char* file, int line) noexcept;

/// The same, where texts and places would take too much memory: whoever implements it has the
/// caller's address to tell.
[[noreturn]] void panic_at_caller() noexcept;

}  // namespace wherry

#ifdef WHERRY_TERSE_ASSERTIONS  // on a board they save 3 KB of flash
#define WHERRY_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::wherry::panic_at_caller())
#else
#define WHERRY_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::wherry::panic(#expression, __FILE__, __LINE__))
#endif
