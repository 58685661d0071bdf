// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/root.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "wherry/storage/path.h"
#include "wherry/storage/posix/errors.h"
#include "wherry/storage/posix/system.h"

namespace wherry::storage::posix {
namespace {

constexpr const char* kPrivateName = kPrivateFolder.data();
constexpr const char* kUploadsName = kUploadsFolder.data() + kPrivateFolder.size() + 1;
constexpr int kFolderFlags = O_DIRECTORY | O_CLOEXEC;

// Closing what was opened so far must not hide why the next step failed.
Error keep_errno(int error_number, Error error) noexcept {
  errno = error_number;
  return error;
}

Error opening_error(int error_number) noexcept {
  return error_number == ENOENT || error_number == ENOTDIR ? Error::not_found
                                                           : writer_error(error_number);
}

bool lives_in_memory(int fd) noexcept {
  struct statfs info{};
  if (::fstatfs(fd, &info) != 0) return false;
  return info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC;
}

void ignore_unhandled_sigpipe() noexcept {
  struct sigaction action{};
  if (::sigaction(SIGPIPE, nullptr, &action) != 0) return;
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) {
    ::signal(SIGPIPE, SIG_IGN);
  }
}

Fd open_or_make_folder(int parent, const char* name) noexcept {
  if (::mkdirat(parent, name, 0700) != 0 && errno != EEXIST) return Fd();
  return Fd(::openat(parent, name, O_RDONLY | O_NOFOLLOW | kFolderFlags));
}

}  // namespace

Result<Root> Root::open(const char* folder, const Options& options) noexcept {
  Root root;
  root.durability_ = options.durability;
  root.user_ = ::geteuid();
  root.folder_ = Fd(::open(folder, O_RDONLY | kFolderFlags));
  if (!root.folder_) return keep_errno(errno, opening_error(errno));

  const Fd probe(open_beneath(root.fd(), ".", O_PATH | kFolderFlags, kBeneath));
  if (!probe) {
    const bool is_missing = errno == ENOSYS || errno == EPERM;  // EPERM: a container's filter
    return keep_errno(errno, is_missing ? Error::not_implemented : opening_error(errno));
  }
  const Fd cached(open_beneath(root.fd(), ".", O_PATH | kFolderFlags, kBeneath | RESOLVE_CACHED));
  root.resolves_cached_ = cached || errno == EAGAIN;
  CacheStatistics statistics;
  root.has_cache_statistics_ =
      cache_statistics(-1, 0, 1, statistics) == 0 || errno == EBADF || errno == EFAULT;

  struct stat info{};
  if (::fstat(root.fd(), &info) != 0) return keep_errno(errno, Error::disk_failed);
  root.device_ = info.st_dev;
  root.mount_ = mount_of(root.fd());
  root.is_in_memory_ = lives_in_memory(root.fd());

  if (!options.read_only) {
    const Result<> prepared = root.prepare_private_folder();
    if (!prepared) return keep_errno(errno, prepared.error());
    sweep(root.staging());
    root.lock_staging();
    sweep_mounts_beneath(root.fd());
  }
  ignore_unhandled_sigpipe();
  return root;
}

Result<> Root::prepare_private_folder() noexcept {
  const Fd folder = open_or_make_folder(fd(), kPrivateName);
  if (!folder) return keep_errno(errno, writer_error(errno));
  lock_ = Fd(::openat(folder.get(), "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock_) return keep_errno(errno, writer_error(errno));
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return keep_errno(errno, errno == EWOULDBLOCK ? Error::busy : Error::disk_failed);
  }
  staging_ = open_or_make_folder(folder.get(), "staging");
  uploads_ = open_or_make_folder(folder.get(), kUploadsName);
  if (!staging_ || !uploads_) return keep_errno(errno, writer_error(errno));
  // What is made durable in a folder is so only if the folder is.
  const bool is_safe = !is_durable() || (::fsync(folder.get()) == 0 && ::fsync(fd()) == 0);
  return is_safe ? Result<>() : keep_errno(errno, writer_error(errno));
}

// After this root's own sweep, which removes all that has such a name: who had the lock before has
// gone. It is refused while another's sweep is looking, and by file systems without locks.
void Root::lock_staging() noexcept {
  has_staging_lock_ = ::flock(staging_.get(), LOCK_EX | LOCK_NB) == 0 && own_names_.begin();
}

Fd Root::open_folder(std::string_view path, int flags, std::uint64_t resolve) const noexcept {
  char text[kMaxPathBytes + 1];
  if (path.empty()) path = ".";
  std::memcpy(text, path.data(), path.size());
  text[path.size()] = '\0';
  // EAGAIN: a rename somewhere raced with a `..` of a link beneath the root.
  constexpr int kTries = 8;
  int fd = -1;
  for (int i = 0; i < kTries; ++i) {
    fd = open_beneath(folder_.get(), text, flags | kFolderFlags, kBeneath | resolve);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return Fd(fd);
}

std::uint64_t Root::mount_of(int fd) noexcept {
  struct statx info{};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &info) != 0) return 0;
  if ((info.stx_mask & STATX_MNT_ID) != 0) return info.stx_mnt_id;
  return (std::uint64_t{info.stx_dev_major} << 32) | info.stx_dev_minor;  // before Linux 5.8
}

bool Root::is_in_memory(int fd, dev_t device) const noexcept {
  return device == device_ ? is_in_memory_ : lives_in_memory(fd);
}

bool Root::is_owner_and_may_change(const struct stat& info) const noexcept {
  constexpr mode_t kNeeded = S_IWUSR | S_IXUSR;
  return info.st_uid == user_ && (info.st_mode & kNeeded) == kNeeded;
}

Fd open_staging(int top) noexcept {
  const Fd folder = open_or_make_folder(top, kPrivateName);
  return folder ? open_or_make_folder(folder.get(), "staging") : Fd();
}

}  // namespace wherry::storage::posix
