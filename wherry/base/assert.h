// SPDX-License-Identifier: MIT
// Assertions: for our own bugs only, never for what a peer, a disk or a limit can cause.
#pragma once

namespace wherry {

/// Ends the program with the text of the failed assertion. A port may replace it (weak symbol):
/// a board prints on its console and resets.
[[noreturn]] void panic(const char* expression, const char* file, int line) noexcept;

}  // namespace wherry

#define WHERRY_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::wherry::panic(#expression, __FILE__, __LINE__))
