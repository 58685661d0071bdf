// SPDX-License-Identifier: MIT
// FolderIterator: the entries of a folder, one at a time, in fixed memory: about 350 bytes, its
// own. Invariant: the private folder is never seen.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/littlefs_storage.h"

namespace wherry::storage::littlefs {

struct FolderEntry {
  std::string_view name;  // valid until the next next()
  bool is_folder = false;
  std::uint64_t size = 0;  // bytes, of a file
};

class FolderIterator {
 public:
  /// Lifetime: the storage outlives it and stays mounted. Files may be committed meanwhile; whether
  /// a name that is new since is seen is open, every other is seen once.
  explicit FolderIterator(LittlefsStorage& storage) noexcept : storage_(storage) {}
  ~FolderIterator() { close(); }
  FolderIterator(const FolderIterator&) = delete;
  FolderIterator& operator=(const FolderIterator&) = delete;

  /// Goes to the begin of the folder `path`; empty: the root.
  /// Errors: bad_path, not_found (also for more than 255 bytes), storage_unavailable, disk_failed.
  Result<> open(std::string_view path) noexcept;

  /// Returns: the next entry, in the order of their names; nullopt at the end.
  /// Errors: disk_failed.
  Result<std::optional<FolderEntry>> next() noexcept;

 private:
  /// Reads the next name that is neither a dot's nor private. Returns: 1, 0 (none) or a code.
  int read(lfs::Info& info) noexcept;
  int find_place_again() noexcept;
  void close() noexcept;

  LittlefsStorage& storage_;
  std::uint32_t commit_count_ = 0;  // the storage's, when the folder was last looked at
  bool is_open_ = false;
  bool is_root_ = false;
  lfs::Folder folder_{};
  lfs::Info info_{};  // the last entry
};

}  // namespace wherry::storage::littlefs
