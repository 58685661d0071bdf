// SPDX-License-Identifier: MIT
// Root: the folder that is served, opened once and shared by all loops. Nothing here resolves a
// path in any other way than beneath it.
//
// In it lies the private folder `.wherry`: `lock`, held while a server runs, `staging`, where files
// are written before their commit, and `uploads`, where those lie that outlive the program
// (Scope::uploads). A mount beneath the root gets a private folder of its own
// at its top when a file is first staged for it, because no rename crosses mounts.
// Invariant: unchanged after open, but for a count, so that threads share it without locks.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/posix/fd.h"
#include "wherry/storage/posix/names.h"
#include "wherry/storage/posix/options.h"

namespace wherry::storage::posix {

class Root {
 public:
  /// Opens `folder`, takes its lock and removes what a crash left in its staging folders, those of
  /// mounts beneath it included (never what another live process is writing).
  /// Side effect: a SIGPIPE that nobody handles is ignored from then on, since a peer that goes
  /// away during sendfile is an error and not the end of the program.
  /// Errors, with errno kept for a message: not_found (no such folder), not_writable (and
  /// `read_only` was not asked for), busy (another server holds it), not_implemented (the kernel
  /// has no openat2: before Linux 5.6, or filtered), disk_failed.
  static Result<Root> open(const char* folder, const Options& options) noexcept;

  int fd() const noexcept { return folder_.get(); }
  int staging() const noexcept { return staging_.get(); }
  int uploads() const noexcept { return uploads_.get(); }
  bool is_writable() const noexcept { return static_cast<bool>(staging_); }
  /// Whether the staging folder is locked: what lies there under a name of `own_names` is left
  /// alone by every sweep while this lives. Else each file has to be locked.
  bool has_staging_lock() const noexcept { return has_staging_lock_; }
  const OwnNames& own_names() const noexcept { return own_names_; }
  bool is_durable() const noexcept { return durability_ == Durability::full; }
  /// Whether the kernel can look up a path without waiting (RESOLVE_CACHED, Linux 5.12).
  bool resolves_cached() const noexcept { return resolves_cached_; }
  /// Whether the kernel can say what is in the page cache (cachestat, Linux 6.5).
  bool has_cache_statistics() const noexcept { return has_cache_statistics_; }

  /// Returns: a descriptor of the folder `path` (empty: the root itself), or an empty one and
  /// errno. `flags` are added to O_DIRECTORY | O_CLOEXEC, `resolve` to what openat2(2) is told of
  /// the way there. `path` fits into kMaxPathBytes.
  Fd open_folder(std::string_view path, int flags, std::uint64_t resolve = 0) const noexcept;
  /// The same for who only names what is in it, or synchronises it. Not for longer than this lives.
  Fd reach_folder(std::string_view path, int flags, std::uint64_t resolve = 0) const noexcept {
    return path.empty() ? Fd::lent(folder_) : open_folder(path, flags, resolve);
  }

  /// Returns: an identity of the mount that `fd` is on.
  static std::uint64_t mount_of(int fd) noexcept;
  std::uint64_t mount() const noexcept { return mount_; }

  /// Whether files on device `device`, which `fd` is on, live in memory: nothing there waits.
  bool is_in_memory(int fd, dev_t device) const noexcept;
  /// The same of the root's own mount.
  bool is_in_memory() const noexcept { return is_in_memory_; }

  /// Whether the mode of the folder `info` says that this process may change it, as its owner. What
  /// it does not say (a mount that is read-only, another's folder) is to be asked.
  bool is_owner_and_may_change(const struct stat& info) const noexcept;

 private:
  Root() = default;

  Result<> prepare_private_folder() noexcept;
  void lock_staging() noexcept;

  Fd folder_;
  Fd lock_;
  Fd staging_;
  Fd uploads_;
  std::uint64_t mount_ = 0;
  dev_t device_ = 0;
  Durability durability_ = Durability::full;
  uid_t user_ = 0;
  bool has_staging_lock_ = false;
  OwnNames own_names_;
  bool is_in_memory_ = false;
  bool resolves_cached_ = false;
  bool has_cache_statistics_ = false;
};

/// Opens the folder `.wherry/staging` of `top`, made where it is missing.
/// Returns: a descriptor, or an empty one and errno.
Fd open_staging(int top) noexcept;

/// Removes every folder in the folder `staging`, with all that is in it (see RemovedTree), and
/// every file that no live process is writing: it has locked the file, or the folder (see
/// StagingFile).
void sweep(int staging) noexcept;

/// Sweeps the staging folders at the tops of the mounts beneath `root`, which stands at `root_fd`.
void sweep_mounts_beneath(int root_fd) noexcept;

}  // namespace wherry::storage::posix
