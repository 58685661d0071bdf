// SPDX-License-Identifier: MIT
// The Ethernet controller, as a board's driver provides it: ethernet.cc in the board's folder.
//
// Everything but on_interrupt() is called from the main program. A frame lies in lwIP's packet
// buffers behind ETH_PAD_SIZE bytes that are not part of it.
#pragma once

#include <array>
#include <cstdint>

struct pbuf;

namespace wherry::boards::ethernet {

using MacAddress = std::array<std::uint8_t, 6>;

/// Starts to receive and to send. Returns: the address that the controller has.
/// Once; before lwIP's first packet.
MacAddress start() noexcept;

/// Whether a cable is plugged in that leads somewhere. Costs little: asked every now and then.
bool has_link() noexcept;

/// Returns: the next frame that has come, or nullptr. One that finds no packet buffer is dropped,
/// and so is one that `is_wanted` does not want by its size in bytes.
pbuf* receive(bool (*is_wanted)(std::uint32_t size)) noexcept;

/// Sends a frame; returns when the controller has it.
void send(const pbuf& frame) noexcept;

/// With interrupts locked: has the next frame raise the interrupt.
/// Returns: whether one is there already.
bool arm_interrupt() noexcept;

/// Called when an interrupt comes: takes its reason away, until arm_interrupt().
void on_interrupt() noexcept;

}  // namespace wherry::boards::ethernet
