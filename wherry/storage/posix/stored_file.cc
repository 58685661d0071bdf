// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/stored_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "wherry/storage/posix/errors.h"
#include "wherry/storage/posix/system.h"

namespace wherry::storage::posix {
namespace {

// The kernel counts a page as cached while it is still being read. Reads end in larger pieces than
// this: a byte of each such stretch tells.
constexpr std::uint64_t kProbeStrideBytes = 64 * 1024;
// Where it does not count, these bytes tell about holes too.
constexpr std::uint64_t kUncountedStrideBytes = 16 * 1024;

// Returns: whether every page of the window is cached; none where the kernel does not count.
std::optional<bool> is_counted(int fd, std::uint64_t offset, std::size_t size) noexcept {
  static const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  CacheStatistics statistics;
  if (cache_statistics(fd, offset, size, statistics) != 0) return std::nullopt;
  const std::uint64_t pages = (offset + size - 1) / page_bytes - offset / page_bytes + 1;
  return statistics.cached >= pages;
}

// Returns: a descriptor, or -1 and errno; EAGAIN: the way there is not in memory.
int open_cached_or_not(const Root& root, const char* path, int flags, Waiting waiting) noexcept {
  if (waiting == Waiting::forbidden) {
    return open_beneath(root.fd(), path, flags | O_CLOEXEC, kBeneath | RESOLVE_CACHED);
  }
  constexpr int kTries = 8;  // EAGAIN here: a rename raced with a `..` of a link
  int fd = -1;
  for (int i = 0; i < kTries; ++i) {
    fd = open_beneath(root.fd(), path, flags | O_CLOEXEC, kBeneath);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return fd;
}

Result<Progress> not_opened(Waiting waiting) noexcept {
  if (waiting == Waiting::forbidden && errno == EAGAIN) return Progress::would_wait;
  return reader_error(errno);
}

}  // namespace

Result<Progress> StoredFile::open(const Root& root, const char* path, Waiting waiting) noexcept {
  if (waiting == Waiting::forbidden && !root.resolves_cached()) return Progress::would_wait;
  // First only the name: opening a device or a FIFO could do something.
  const Fd name(open_cached_or_not(root, path, O_PATH, waiting));
  if (!name) return not_opened(waiting);
  if (::fstat(name.get(), &stat_) != 0) return Error::disk_failed;
  if (!S_ISREG(stat_.st_mode)) return Error::not_found;

  Fd file(open_cached_or_not(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, waiting));
  if (!file) return not_opened(waiting);
  if (::fstat(file.get(), &stat_) != 0) return Error::disk_failed;
  if (!S_ISREG(stat_.st_mode)) return Error::not_found;  // another took the name in between
  is_in_memory_ = root.is_in_memory(file.get(), stat_.st_dev);
  file_ = std::move(file);
  info_ = file_info_of(stat_);
  return Progress::made;
}

bool StoredFile::may_wait_to_close() const noexcept {
  struct stat info{};
  return !is_in_memory_ && ::fstat(file_.get(), &info) == 0 && info.st_nlink == 0;
}

Result<StoredFile::Piece> StoredFile::read(std::uint64_t offset, MutableBytes into,
                                           Waiting waiting) const noexcept {
  const iovec piece{into.data(), into.size()};
  const int flags = waiting == Waiting::forbidden && !is_in_memory_ ? RWF_NOWAIT : 0;
  while (true) {
    const ssize_t size = ::preadv2(file_.get(), &piece, 1, static_cast<off_t>(offset), flags);
    if (size >= 0) return Piece{Progress::made, static_cast<std::size_t>(size)};
    if (errno == EINTR) continue;
    // EOPNOTSUPP: a file system that cannot promise not to wait.
    const bool would_wait = flags != 0 && (errno == EAGAIN || errno == EOPNOTSUPP);
    if (would_wait) return Piece{Progress::would_wait, 0};
    return Error::disk_failed;
  }
}

bool StoredFile::has_byte(std::uint64_t offset) const noexcept {
  std::byte byte;
  const Result<Piece> piece = read(offset, {&byte, 1}, Waiting::forbidden);
  return piece && piece->progress == Progress::made && piece->size == 1;
}

bool StoredFile::is_cached(bool kernel_counts, std::uint64_t offset, std::size_t size,
                           Look look) const noexcept {
  if (is_in_memory_ || size == 0) return true;
  std::optional<bool> counted;
  if (kernel_counts) counted = is_counted(file_.get(), offset, size);
  if (counted == false) return false;
  if (counted == true && look == Look::again) return true;
  const std::uint64_t stride = counted ? kProbeStrideBytes : kUncountedStrideBytes;
  const std::uint64_t last = offset + size - 1;
  for (std::uint64_t at = offset; at < last; at = (at / stride + 1) * stride) {
    if (!has_byte(at)) return false;
  }
  return has_byte(last);
}

void StoredFile::read_ahead(std::uint64_t offset, std::uint64_t size) const noexcept {
  ::posix_fadvise(file_.get(), static_cast<off_t>(offset), static_cast<off_t>(size),
                  POSIX_FADV_WILLNEED);
}

Result<StoredFile::Piece> StoredFile::send(int socket, std::uint64_t offset,
                                           std::size_t size) const noexcept {
  while (true) {
    auto from = static_cast<off_t>(offset);
    const ssize_t sent = ::sendfile(socket, file_.get(), &from, size);
    if (sent > 0) return Piece{Progress::made, static_cast<std::size_t>(sent)};
    if (sent == 0) return Error::disk_failed;  // the file has become shorter
    if (errno == EAGAIN) return Piece{Progress::would_wait, 0};
    if (errno == EINVAL || errno == ENOSYS) return Piece{Progress::impossible, 0};
    if (errno != EINTR) return sender_error(errno);
  }
}

}  // namespace wherry::storage::posix
