// SPDX-License-Identifier: MIT
// One simulation, from its seed to its end: clients are at work, the power goes and comes back,
// what was promised is looked at; at the end nothing is left.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/world.h"

namespace wherry::sim {

struct Outcome {
  std::string violation;            // "": none
  std::vector<std::string> events;  // what happened
  std::uint32_t power_cuts = 0;
};

Outcome simulate(std::uint64_t seed, StorageKind kind);

}  // namespace wherry::sim
