// SPDX-License-Identifier: MIT
// Randomness for a board that has no source of it: what nobody outside knows exactly, the moments
// at which packets come, gathers in a pool, and SHA-256 draws from that. The first numbers after a
// reset rest on few packets; each that comes makes those that follow harder to guess.
#pragma once

namespace wherry::boards {

/// Adds the moment to the pool. For whoever sees something happen that the board has not caused.
void stir_random() noexcept;

}  // namespace wherry::boards
