// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/stored_file.h"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cerrno>
#include <utility>

#include "wherry/storage/posix/errors.h"
#include "wherry/storage/posix/system.h"

namespace wherry::storage::posix {
namespace {

constexpr std::uint64_t kPageBytes = 4096;  // or more: then a page is asked for more than once

// The kernel counts a page as cached while it is still being read. Reads end in order and in larger
// pieces than this: a byte of each such stretch tells.
constexpr std::uint64_t kProbeStrideBytes = 16 * 1024;

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
  struct stat info{};
  // First only the name: opening a device or a FIFO could do something.
  const Fd name(open_cached_or_not(root, path, O_PATH, waiting));
  if (!name) return not_opened(waiting);
  if (::fstat(name.get(), &info) != 0) return Error::disk_failed;
  if (!S_ISREG(info.st_mode)) return Error::not_found;

  Fd file(open_cached_or_not(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, waiting));
  if (!file) return not_opened(waiting);
  if (::fstat(file.get(), &info) != 0) return Error::disk_failed;
  if (!S_ISREG(info.st_mode)) return Error::not_found;  // another took the name in between
  is_in_memory_ = root.is_in_memory(file.get(), info.st_dev);
  file_ = std::move(file);
  info_ = {static_cast<std::uint64_t>(info.st_size), info.st_mtim.tv_sec};
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

bool StoredFile::is_cached(const Root& root, std::uint64_t offset,
                           std::size_t size) const noexcept {
  if (is_in_memory_) return true;
  const std::uint64_t end = offset + size;
  std::uint64_t stride = kPageBytes;
  if (root.has_cache_statistics() && size > kPageBytes) {
    CacheStatistics statistics;
    const std::uint64_t pages = (end - 1) / kPageBytes - offset / kPageBytes + 1;
    if (cache_statistics(file_.get(), offset, size, statistics) == 0) {
      const auto page_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
      if (statistics.cached * (page_bytes / kPageBytes) < pages) return false;
      stride = kProbeStrideBytes;
    }
  }
  for (std::uint64_t at = offset; at < end; at = (at / stride + 1) * stride) {
    if (!has_byte(at)) return false;
  }
  return has_byte(end - 1);
}

void StoredFile::bring_in(std::uint64_t offset, std::size_t size) const noexcept {
  ::posix_fadvise(file_.get(), static_cast<off_t>(offset), static_cast<off_t>(2 * size),
                  POSIX_FADV_WILLNEED);
  // One byte of each page is enough to wait for the page, and needs no buffer.
  for (std::uint64_t at = offset; at < offset + size; at = (at / kPageBytes + 1) * kPageBytes) {
    std::byte byte;
    if (::pread(file_.get(), &byte, 1, static_cast<off_t>(at)) <= 0 && errno != EINTR) return;
  }
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
