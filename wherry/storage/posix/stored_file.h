// SPDX-License-Identifier: MIT
// StoredFile: an opened file, as the disk sees it, and what can be done with it without waiting.
// Knows no coroutine and no loop.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/storage/posix/fd.h"
#include "wherry/storage/posix/root.h"
#include "wherry/storage/posix/version.h"
#include "wherry/storage/posix/waiting.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class StoredFile {
 public:
  /// Opens `path` (ended with a NUL), when it is a regular file beneath the root. Nothing else is
  /// ever opened: what it is, is known before.
  /// Returns: would_wait only where waiting is forbidden.
  /// Errors: not_found, bad_path, busy, disk_failed.
  Result<Progress> open(const Root& root, const char* path, Waiting waiting) noexcept;
  void close() noexcept { file_.reset(); }

  bool is_open() const noexcept { return static_cast<bool>(file_); }
  /// All that is known of it; of its CRC-32 what one of the following two has said.
  const FileInfo& info() const noexcept { return info_; }
  void set_crc32(std::optional<std::uint32_t> crc32) noexcept { info_.crc32 = crc32; }
  /// What another says of the same file: all that is known of one that is not opened.
  void take_info(const FileInfo& info) noexcept { info_ = info; }
  /// Takes the CRC-32 that is kept with the file. May wait, unless the file lives in memory.
  void read_crc32() noexcept { info_.crc32 = kept_crc32(file_.get(), stat_); }
  bool is_in_memory() const noexcept { return is_in_memory_; }

  /// Whether closing may wait: the last descriptor of a file that has no name any more frees it.
  bool may_wait_to_close() const noexcept;

  struct Piece {
    Progress progress = Progress::made;
    std::size_t size = 0;  // 0: the end of the file
  };
  /// Reads from `offset` into `into`, perhaps less than there is.
  /// Errors: disk_failed.
  Result<Piece> read(std::uint64_t offset, MutableBytes into, Waiting waiting) const noexcept;

  enum class Look {
    closely,
    again,  // the same bytes were there a moment ago: none of them is still being read
  };
  /// Whether the window [offset, offset + size) can be read without waiting. Unless
  /// `kernel_counts` (Root::has_cache_statistics), a hole of less than 16 KiB may escape.
  bool is_cached(bool kernel_counts, std::uint64_t offset, std::size_t size,
                 Look look) const noexcept;

  /// Has the system bring in the window, without waiting for it.
  void read_ahead(std::uint64_t offset, std::uint64_t size) const noexcept;

  /// Sends up to `size` bytes to `socket`, which does not block.
  /// Returns: how much it took; would_wait when it takes nothing now; impossible when this file
  /// system offers no such way.
  /// Errors: closed, disk_failed (also: the file ends before `offset`).
  Result<Piece> send(int socket, std::uint64_t offset, std::size_t size) const noexcept;

 private:
  bool has_byte(std::uint64_t offset) const noexcept;

  Fd file_;
  bool is_in_memory_ = false;
  FileInfo info_;
  struct stat stat_{};
};

}  // namespace wherry::storage::posix
