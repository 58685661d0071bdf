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
  std::size_t heads;         // request head, and the start of a body
  std::size_t arenas;        // coroutine frames, decoded names, replies
  std::size_t slots;         // what serving it needs besides
  std::size_t common_arena;  // for all of them together: what a request needs beyond its own
  std::size_t events;        // kept for those who watch
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
    return heads + arenas + slots + common_arena + events + refusals + connections + file_slots +
           file_caches + packet_buffers + pools + heap + objects + console + variables;
  }
  constexpr std::size_t total() const noexcept { return static_bytes() + stack; }
};

/// Tells the linker what the sum is, and script/memory its terms. Once in a program.
template <RamSum kSum, std::size_t kBudgetBytes>
void hand_to_linker() noexcept {
  static_assert(kSum.total() <= kBudgetBytes);
#define WHERRY_SUM(name, value) \
  asm volatile(".global wherry_sum_" #name "\n.set wherry_sum_" #name ", %c0" : : "i"(value))
  WHERRY_SUM(static, kSum.static_bytes());
  WHERRY_SUM(budget, kBudgetBytes);
  WHERRY_SUM(heads, kSum.heads);
  WHERRY_SUM(arenas, kSum.arenas);
  WHERRY_SUM(slots, kSum.slots);
  WHERRY_SUM(common_arena, kSum.common_arena);
  WHERRY_SUM(events, kSum.events);
  WHERRY_SUM(refusals, kSum.refusals);
  WHERRY_SUM(connections, kSum.connections);
  WHERRY_SUM(file_slots, kSum.file_slots);
  WHERRY_SUM(file_caches, kSum.file_caches);
  WHERRY_SUM(packet_buffers, kSum.packet_buffers);
  WHERRY_SUM(pools, kSum.pools);
  WHERRY_SUM(heap, kSum.heap);
  WHERRY_SUM(objects, kSum.objects);
  WHERRY_SUM(console, kSum.console);
  WHERRY_SUM(variables, kSum.variables);
  WHERRY_SUM(stack, kSum.stack);
#undef WHERRY_SUM
}

}  // namespace wherry::boards
