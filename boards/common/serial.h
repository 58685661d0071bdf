// SPDX-License-Identifier: MIT
// The serial line, as a board's driver provides it: serial.cc in the board's folder.
#pragma once

namespace wherry::boards::serial {

/// Once, before anything is written.
void start() noexcept;

/// Whether put() would not wait.
bool has_room() noexcept;

/// Sends one character.
void put(char character) noexcept;

}  // namespace wherry::boards::serial
