// SPDX-License-Identifier: MIT
// MachineStatus: what a board tells of itself beside its server: its stack, its main loop, lwIP.
#pragma once

#include <algorithm>
#include <cstdint>

#include "wherry/base/status.h"

namespace wherry::boards {

class MachineStatus final : public StatusSource {
 public:
  /// How long the loop has just taken for one round.
  void round_took(std::uint64_t duration_ms) noexcept {
    longest_round_ms_ = std::max(longest_round_ms_, duration_ms);
  }

  void report(StatusSink& sink) const noexcept override;

 private:
  std::uint64_t longest_round_ms_ = 0;
};

}  // namespace wherry::boards
