// SPDX-License-Identifier: MIT
// The registers that every Ethernet PHY has (IEEE 802.3 §22.2.4), whichever way they are reached.
#pragma once

#include <cstdint>

namespace wherry::boards::phy {

inline constexpr std::uint32_t kStatus = 1, kIdentifier = 2;

/// Whether a cable is plugged in that leads somewhere. A link that was lost is told once even when
/// it is back: so the second reading counts.
inline bool has_link(std::uint32_t (*read)(std::uint32_t index)) noexcept {
  constexpr std::uint32_t kLinkBit = 1u << 2;
  static_cast<void>(read(kStatus));
  return (read(kStatus) & kLinkBit) != 0;
}

}  // namespace wherry::boards::phy
