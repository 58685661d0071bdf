// SPDX-License-Identifier: MIT
// Random: what a seed decides. The same seed gives the same numbers on every machine, which the
// distributions of the standard library do not promise.
#pragma once

#include <cstdint>
#include <random>

namespace wherry::sim {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  /// Returns: 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  /// Returns: `low` to `high`.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace wherry::sim
