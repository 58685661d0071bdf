// SPDX-License-Identifier: MIT
// Names on the medium: what stands under one, and how one is changed, so that what is told of it is
// true also when littlefs fails halfway. Knows no slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/file_system.h"

namespace wherry::storage::littlefs {

inline constexpr char kPrivateFolderName[] = ".wherry";

/// What a folder takes beside its entries, until they are many.
inline constexpr std::uint32_t kFolderBlocks = 2;

/// What stands under a name.
struct Entry {
  enum class Kind : std::uint8_t { none, file, folder };
  Kind kind = Kind::none;
  std::uint32_t size = 0;  // bytes, of a file
};

/// Errors: conflict (what is on the way is no folder), disk_failed.
Result<Entry> look_at(FileSystem& files, const char* path) noexcept;

/// Whether nothing stands there.
bool is_gone(FileSystem& files, const char* path) noexcept;

/// Whether a folder's first entry is itself or its parent.
bool is_dots(const char* name) noexcept;

/// Finds the first entry of `folder` whose name begins with `begin`.
/// Returns: 1, 0 (none) or littlefs's code.
int find_entry(FileSystem& files, const char* folder, std::string_view begin,
               lfs::Info& info) noexcept;

/// Returns: the size of the shortest prefix of `path` that is a missing folder; 0: none is missing.
/// `path`: ended by a NUL; is written to meanwhile.
/// Errors: conflict (what is on the way is no folder), disk_failed.
Result<std::size_t> find_missing_folder(FileSystem& files, std::span<char> path) noexcept;

/// Gives `from` the name `to`, in one step; over a file that is there.
Error rename(FileSystem& files, const char* from, const char* to) noexcept;

/// The same, and makes the folders that are missing on the way to `to` (ended by a NUL; is written
/// to meanwhile). A power cut may leave some of these, empty. They are not made in the private
/// folder, as a new file's are: what is moved would have to lie there too, for a moment.
/// Returns: how many were made.  Errors: conflict (what is on the way is no folder), no_space,
/// disk_failed; then none are left.
Result<std::uint32_t> move_into_place(FileSystem& files, const char* from,
                                      std::span<char> to) noexcept;

/// Removes a file or an empty folder. Errors: not_empty, no_space, disk_failed.
Error remove_one(FileSystem& files, const char* path) noexcept;

/// Makes the private folder, if it is not there. Errors: conflict, no_space, disk_failed.
Result<> make_private_folder(FileSystem& files) noexcept;

/// `path` and what follows it, ended by a NUL; at most what it has room for.
class PathBuffer {
 public:
  explicit PathBuffer(std::span<char> memory) noexcept : memory_(memory) { cut(0); }
  bool append(std::string_view text) noexcept;  // false: no room
  bool append(const char* text) noexcept;
  void cut(std::size_t size) noexcept;
  const char* c_str() const noexcept { return memory_.data(); }
  std::string_view text() const noexcept { return {memory_.data(), size_}; }

 private:
  std::span<char> memory_;
  std::size_t size_ = 0;
};

/// Whether all paths below the folder `path` have at most `max_size` bytes. `path` is used for the
/// walk, and is as it was afterwards. Reads each folder once, and once for each folder in it.
/// Errors: bad_path (one is longer), disk_failed.
Error check_paths_below(FileSystem& files, PathBuffer& path, std::size_t max_size) noexcept;

}  // namespace wherry::storage::littlefs
