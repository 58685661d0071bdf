// SPDX-License-Identifier: MIT
// SSI0 (PL022) with one device on it: the SD card's slot, chosen by pin D0.
#pragma once

#include <cstdint>

#include "wherry/base/bytes.h"

namespace wherry::boards::spi {

/// Once. Slow enough for a card that was not asked yet what it can do.
void start() noexcept;

/// As fast as a card must be able to after that.
void go_fast() noexcept;

/// Chooses the device, or leaves it.
void select(bool is_selected) noexcept;

/// Sends one byte. Returns: the one that came meanwhile.
std::uint8_t exchange(std::uint8_t byte) noexcept;

// Many bytes at a time: a multiple of 4, and at least 8.

/// Receives, sending ones.
void receive(MutableBytes into) noexcept;

/// Sends, whatever comes.
void send(Bytes bytes) noexcept;

}  // namespace wherry::boards::spi
