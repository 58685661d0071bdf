// SPDX-License-Identifier: MIT
// What a connection takes of a board's memory: compiled for the board, never linked, never run.
// bench/device.py reads the size of the array. WHERRY_BOARD_MAIN is the board's main.cc, whose
// limits nobody else knows.
#include WHERRY_BOARD_MAIN

namespace wherry::boards {
namespace {

constexpr std::size_t slot_bytes(app::Limits limits) {
  const std::size_t without = app::Server::required_bytes(limits);
  // Sixteen more, because the sum's parts are rounded up.
  limits.max_connections += 16;
  return (app::Server::required_bytes(limits) - without) / 16;
}

}  // namespace
}  // namespace wherry::boards

extern "C" {
extern const char wherry_slot_bytes[];
const char wherry_slot_bytes[wherry::boards::slot_bytes(wherry::boards::kLimits)] = {1};
}
