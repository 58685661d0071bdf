// SPDX-License-Identifier: MIT
// Removes what a crash left behind. Runs once, before anything is served.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "wherry/storage/path.h"
#include "wherry/storage/posix/directory.h"
#include "wherry/storage/posix/mounts.h"
#include "wherry/storage/posix/names.h"
#include "wherry/storage/posix/removed_tree.h"
#include "wherry/storage/posix/root.h"
#include "wherry/storage/posix/system.h"

namespace wherry::storage::posix {
namespace {

// A writer holds its file's lock from its making to its end, however the process ends; or the
// process holds the lock of the folder, and the file has a name of its own.
bool is_being_written(int staging, const char* name, bool is_locked) noexcept {
  if (is_own_name(name)) return is_locked;
  const Fd file(::openat(staging, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return file && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

// A folder is what a removal left: nobody else needs it.
void remove_debris(int staging, const char* name, bool is_locked) noexcept {
  struct stat info{};
  if (::fstatat(staging, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (S_ISDIR(info.st_mode)) {
    RemovedTree tree;
    tree.set(Fd(::fcntl(staging, F_DUPFD_CLOEXEC, 0)), name);
    while (tree.delete_some()) {
    }
  } else if (!S_ISREG(info.st_mode) || !is_being_written(staging, name, is_locked)) {
    ::unlinkat(staging, name, 0);
  }
}

void sweep_mount(int root_fd, std::string_view below_root) noexcept {
  char path[kMaxPathBytes + 1];
  constexpr std::string_view kStaging = "/.wherry/staging";
  if (below_root.size() + kStaging.size() > kMaxPathBytes) return;
  std::memcpy(path, below_root.data(), below_root.size());
  std::memcpy(path + below_root.size(), kStaging.data(), kStaging.size());
  path[below_root.size() + kStaging.size()] = '\0';
  const Fd staging(open_beneath(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                                kBeneath | RESOLVE_NO_SYMLINKS));
  if (staging) sweep(staging.get());
}

}  // namespace

void sweep(int staging) noexcept {
  const Fd folder(::openat(staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return;
  // A server that has the lock has swept before it took it. While this one shares it, none takes
  // it.
  const bool is_locked = ::flock(folder.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  alignas(8) std::byte buffer[16 * 1024];
  Directory entries(folder.get(), buffer);
  while (const Directory::Entry* entry = entries.next())
    remove_debris(staging, entry->name, is_locked);
}

void sweep_mounts_beneath(int root_fd) noexcept {
  MountsBeneath mounts(root_fd);
  for (std::string_view mount = mounts.next(); !mount.empty(); mount = mounts.next()) {
    sweep_mount(root_fd, mount);
  }
}

}  // namespace wherry::storage::posix
