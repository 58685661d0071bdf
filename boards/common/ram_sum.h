// SPDX-License-Identifier: MIT
// RamSum: what a board's RAM is taken by, as a sum of terms. Firmware makes it of the types and the
// limits themselves; a board's main.cc compares it with its budget; the linker compares it with
// what it has placed (sections.ld), so that no term is wishful and none is missing.
#pragma once

#include <cstddef>

namespace wherry::boards {

/// All in bytes.
struct RamSum {
  // Each connection that is served:
  std::size_t heads;   // request head, and the start of a body
  std::size_t arenas;  // coroutine frames, decoded names, replies
  std::size_t slots;   // what serving it needs besides
  // Each connection, also one that is refused:
  std::size_t refusals;     // state, arena and head of those that are told 503
  std::size_t connections;  // the port's side
  // Files:
  std::size_t file_slots;   // state, cache, block and path of each open one
  std::size_t file_caches;  // littlefs: one sector read, one written, which blocks are free
  // lwIP:
  std::size_t packet_buffers;  // whole frames
  std::size_t pools;           // control blocks, segments, references, timers
  std::size_t heap;            // what is sent, and its headers
  // Once:
  std::size_t objects;    // server, storage, network, loop, driver: without the memory above
  std::size_t console;    // lines that wait for the serial port
  std::size_t variables;  // single ones, of lwIP and of the drivers, and gaps: an upper bound
  std::size_t stack;      // the least that the linker leaves

  constexpr std::size_t static_bytes() const noexcept {
    return heads + arenas + slots + refusals + connections + file_slots + file_caches +
           packet_buffers + pools + heap + objects + console + variables;
  }
  constexpr std::size_t total() const noexcept { return static_bytes() + stack; }
};

/// Tells the linker what the sum is. Once in a program.
template <RamSum kSum>
void hand_to_linker() noexcept {
  asm volatile(
      ".global wherry_sum_static, wherry_sum_stack\n"
      ".set wherry_sum_static, %c0\n"
      ".set wherry_sum_stack, %c1"
      :
      : "i"(kSum.static_bytes()), "i"(kSum.stack));
}

}  // namespace wherry::boards
