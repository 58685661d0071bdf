// SPDX-License-Identifier: MIT
// The folders on a path: found as far as they exist, made where they are missing, removed again
// when the commit that made them fails. Every call here may wait for the disk.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/posix/fd.h"
#include "wherry/storage/posix/root.h"

namespace wherry::storage::posix {

/// What stands under a name.
struct Standing {
  enum class Kind : std::uint8_t { none, file, folder, other, unknown };
  Kind kind = Kind::none;
  struct stat info{};
  /// Of what stands there, as a name; none of a small file. While it is open, a removal has nothing
  /// to free: that is done by closing this.
  Fd handle;

  /// Returns: the version of a file; none of what is no file.
  std::optional<std::uint64_t> version() const noexcept;
  bool is_same_as(const Standing& other) const noexcept {
    return info.st_dev == other.info.st_dev && info.st_ino == other.info.st_ino;
  }
};

/// Returns: what `name` in `folder` is, no link followed; unknown with errno when that cannot be
/// found out.
Standing look_at(int folder, const char* name) noexcept;

// The parts of a path: `a/b` and `c` of `a/b/c`.
std::string_view parent_of(std::string_view path) noexcept;  // empty: the root
std::string_view leaf_of(std::string_view path) noexcept;

/// Opens the folder that `path` lies in, so that it can be synchronised if the root is durable. Not
/// for longer than the root lives.
/// Returns: a descriptor, or an empty one and errno.
Fd open_parent(const Root& root, std::string_view path) noexcept;

/// Returns: whether `folder` was synchronised, as far as the root asks for that.
bool make_durable(const Root& root, const Fd& folder) noexcept;

/// Opens the staging folder on the mount that `folder` is on; makes it where it is missing.
/// Errors: not_writable, no_space, busy, disk_failed.
Result<Fd> open_staging_for(const Root& root, int folder) noexcept;

/// The deepest folder on the way to a file that exists.
struct Place {
  Fd folder;
  std::size_t name_at = 0;  // where in the path the rest begins: a missing folder, or the file
};

/// Finds the deepest existing folder on the way to `path`. `flags`, `resolve` as Root::open_folder.
/// Errors: conflict (what is on the way is no folder, or a link that leads out), not_writable,
/// busy, disk_failed; errno is kept.
Result<Place> find_place(const Root& root, std::string_view path, int flags,
                         std::uint64_t resolve = 0) noexcept;

/// The folders that one commit made, as prefixes of its path.
class MadeFolders {
 public:
  void note(std::size_t prefix_size) noexcept {
    if (shallowest_ == 0) shallowest_ = prefix_size;
    deepest_ = prefix_size;
  }
  bool is_empty() const noexcept { return shallowest_ == 0; }
  /// Removes them again, the deepest first, as far as they are empty.
  void remove(const Root& root, std::string_view path) noexcept;

 private:
  std::size_t shallowest_ = 0;
  std::size_t deepest_ = 0;
};

/// Opens the folder that `path` lies in; makes the missing ones on the way and notes them in
/// `made`; they are durable as far as the root is.
/// Errors: as find_place; no_space, bad_path.
Result<Fd> open_or_make_parent(const Root& root, std::string_view path, MadeFolders& made) noexcept;

/// A part of a path, ended with a NUL for the system.
class Name {
 public:
  explicit Name(std::string_view text) noexcept;
  const char* c_str() const noexcept { return text_; }

 private:
  char text_[256];
};

}  // namespace wherry::storage::posix
