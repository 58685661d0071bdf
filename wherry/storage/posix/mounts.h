// SPDX-License-Identifier: MIT
// MountsBeneath: the mounts that this process sees beneath a folder, one after the other. Reads
// /proc/self/mountinfo (proc(5)) in memory of its own.
#pragma once

#include <cstddef>
#include <string_view>

#include "wherry/storage/posix/fd.h"

namespace wherry::storage::posix {

class MountsBeneath {
 public:
  explicit MountsBeneath(int folder) noexcept;

  /// Whether they can be found out: there is a /proc, and the folder has a path.
  bool are_known() const noexcept { return static_cast<bool>(file_); }

  /// Returns: the path of the next one, relative to the folder, valid until the next call; empty
  /// when there is none.
  std::string_view next() noexcept;

 private:
  static constexpr std::size_t kMaxBytes = 4096;

  int next_character() noexcept;  // -1: the end
  bool read_point() noexcept;     // of the next line, as far as it fits
  int unescape(int character) noexcept;

  Fd file_;
  std::size_t folder_size_ = 0;
  std::size_t point_size_ = 0;
  std::size_t buffer_size_ = 0;
  std::size_t buffer_at_ = 0;
  char folder_[kMaxBytes];
  char point_[kMaxBytes];
  char buffer_[kMaxBytes];
};

}  // namespace wherry::storage::posix
