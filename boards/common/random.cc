// SPDX-License-Identifier: MIT
// What lwIP draws port numbers and transaction numbers from. These boards have no source of true
// randomness: where the time between packets falls is the best there is.
#include <cstdint>

#include "boards/common/cortex_m.h"

extern "C" std::uint32_t wherry_lwip_random() {
  static std::uint32_t state = 0x9E3779B9;
  constexpr wherry::boards::Register kTimerValue(0xE000E018);
  state ^= kTimerValue.get();
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}
