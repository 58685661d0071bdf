// SPDX-License-Identifier: MIT
// What all changes of names share: the lock that each takes, and names that nobody can guess.
#pragma once

#include <mutex>

namespace wherry::storage::posix {

/// Taken by every commit, removal and move of this process around [look at what stands under a
/// name, the one step that changes it]: of several who expect the same to stand there, one finds
/// it. In it all threads of one root meet; another process is kept away by the root's lock. Nothing
/// in it synchronises or frees, so it is held for as long as a few names take to resolve.
std::mutex& name_lock() noexcept;

/// 128 random bits, hexadecimal, and a NUL.
using RandomName = char[33];

/// Returns: whether the system gave bits.
bool fill_with_random_name(RandomName& name) noexcept;

}  // namespace wherry::storage::posix
