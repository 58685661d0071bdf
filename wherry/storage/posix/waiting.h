// SPDX-License-Identifier: MIT
// Waiting, Progress: the words between a loop, which must not wait for a disk, and what may have
// to.
#pragma once

#include <cstdint>

namespace wherry::storage::posix {

/// Whether a call may wait for the disk (on a disk thread), or must rather give up (on a loop).
enum class Waiting : std::uint8_t { allowed, forbidden };

/// What came of a call that would rather not wait.
enum class Progress : std::uint8_t { made, would_wait, impossible };

}  // namespace wherry::storage::posix
