// SPDX-License-Identifier: MIT
// What all changes of names share: the lock that each takes, and names that nobody can guess.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

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

/// Names of one owner: 64 random bits that are its own, a hyphen, and a count. So each is another,
/// whoever else makes some, and none asks the system for anything.
class OwnNames {
 public:
  /// Returns: whether the system gave bits.
  bool begin() noexcept { return fill_with_random_name(first_); }
  /// Of any thread.
  void fill(RandomName& name) const noexcept;

 private:
  RandomName first_{};
  mutable std::uint64_t count_ = 0;  // atomic
};

/// Whether `name` is one that OwnNames make.
bool is_own_name(std::string_view name) noexcept;

}  // namespace wherry::storage::posix
