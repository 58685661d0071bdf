// SPDX-License-Identifier: MIT
// Staging: how a file that is being written becomes the one under its name, in one step.
//
// A staging file is `.wherry/~NUMBER`; other files in that folder are not touched. Where folders on
// the way to its name are missing, they are made as `.wherry/~NUMBER.d` with the file in them, and
// the topmost gets its name last: so there is never an empty folder to be seen, or left by a power
// cut. Invariant: all that begins with `.wherry/~0` may be removed while nothing is being written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/names.h"

namespace wherry::storage::littlefs {

/// The longest name that staging makes, without the path that a folder's name is followed by.
inline constexpr std::size_t kStagingNameBytes = sizeof(".wherry/~0x00000000.d");

/// What has become of a staging file.
struct Placed {
  bool replaced = false;
  std::uint32_t replaced_size = 0;  // bytes; 0: there was none
  std::uint32_t made_folders = 0;
};

/// The staging of one file.
class Staging {
 public:
  explicit Staging(std::uint32_t number) noexcept;

  const char* name() const noexcept { return name_.data(); }

  /// Gives the closed staging file the name `path`, which a NUL ends, making missing folders.
  /// `path` is written to meanwhile, and is as it was afterwards. `scratch`: room for
  /// kStagingNameBytes and the path.
  /// Errors: conflict, bad_path, no_space, disk_failed; then the staging file, or what there is of
  /// it, is still to be removed.
  Result<Placed> place(FileSystem& files, std::span<char> path, std::span<char> scratch) noexcept;

  /// Removes all of it that there is. What cannot be removed now is swept at the next mount.
  void remove(FileSystem& files, std::span<char> scratch) noexcept;

 private:
  Error place_with_folders(FileSystem& files, std::span<char> path, std::size_t missing_size,
                           std::span<char> scratch, Placed& placed) noexcept;

  std::array<char, kStagingNameBytes> name_;
  bool has_folders_ = false;
};

/// Removes what is left of staging files. Errors: no_space, disk_failed, bad_path (not of ours).
Result<> sweep(FileSystem& files, std::span<char> scratch) noexcept;

}  // namespace wherry::storage::littlefs
