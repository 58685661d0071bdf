// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/staging_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/errors.h"

namespace wherry::storage::posix {
namespace {

// How often a step is tried again that another process got in the way of.
constexpr int kTries = 4;

bool fill_with_random_name(char* name, std::size_t size) noexcept {
  std::array<unsigned char, 16> random;
  WHERRY_ASSERT(size == 2 * random.size());
  if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return false;
  }
  for (std::size_t i = 0; i < random.size(); ++i) {
    name[2 * i] = "0123456789abcdef"[random[i] >> 4];
    name[2 * i + 1] = "0123456789abcdef"[random[i] & 0xF];
  }
  name[size] = '\0';
  return true;
}

// The next name on the way must be free, or be the file that will be replaced.
Result<> check_free(const Place& place, std::string_view path) noexcept {
  const std::string_view rest = path.substr(place.name_at);
  const std::size_t slash = rest.find('/');
  const bool is_leaf = slash == std::string_view::npos;
  switch (look_at(place.folder.get(), Name(rest.substr(0, slash)).c_str())) {
    case Entry::none:
      return {};
    case Entry::file:
      return is_leaf ? Result<>() : Error::conflict;
    case Entry::other:
      return Error::conflict;
    case Entry::unknown:
      break;
  }
  return writer_error(errno);
}

Result<> check_access(int folder) noexcept {
  if (::faccessat(folder, "", W_OK | X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0) return {};
  // A kernel that cannot tell (before 5.8) leaves it to the commit.
  const bool is_denied = errno == EACCES || errno == EPERM || errno == EROFS;
  return is_denied ? Result<>(Error::not_writable) : Result<>();
}

// The folder at the top of the mount that `folder` is on. That lies beneath the root: the way from
// the root to `folder` came through it.
Fd top_of_mount(int folder) noexcept {
  const std::uint64_t mount = Root::mount_of(folder);
  Fd top(::openat(folder, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  while (top) {
    Fd above(::openat(top.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!above || Root::mount_of(above.get()) != mount) break;
    top = std::move(above);
  }
  return top;
}

}  // namespace

StagingFile::StagingFile(std::string_view path) noexcept
    : path_size_(static_cast<std::uint16_t>(path.size())) {
  WHERRY_ASSERT(path.size() <= sizeof(path_));
  std::memcpy(path_, path.data(), path.size());
  name_[0] = '\0';
}

Result<> StagingFile::create(const Root& root,
                             std::optional<std::uint64_t> expected_size) noexcept {
  if (!root.is_writable()) return Error::not_writable;
  const Result<Place> place = find_place(root, path(), O_PATH);
  if (!place) return place.error();
  Result<> step = check_free(*place, path());
  if (step) step = check_access(place->folder.get());
  if (step) step = choose_staging(root, place->folder.get());
  if (step) step = check_space(root, expected_size.value_or(0));
  if (step) step = make_file(root);
  return step;
}

Result<> StagingFile::choose_staging(const Root& root, int folder) noexcept {
  if (Root::mount_of(folder) == root.mount()) return {};
  const Fd top = top_of_mount(folder);
  if (top) other_staging_ = open_staging(top.get());
  return other_staging_ ? Result<>() : Result<>(writer_error(errno));
}

Result<> StagingFile::check_space(const Root& root, std::uint64_t expected_size) noexcept {
  struct statvfs info{};
  if (expected_size == 0 || ::fstatvfs(staging(root), &info) != 0) return {};
  const bool is_known = info.f_blocks > 0 && info.f_frsize > 0;
  if (!is_known) return {};
  const std::uint64_t blocks =
      expected_size / info.f_frsize + (expected_size % info.f_frsize != 0 ? 1 : 0);
  return blocks > info.f_bavail ? Result<>(Error::no_space) : Result<>();
}

Result<> StagingFile::make_file(const Root& root) noexcept {
  for (int i = 0; i < kTries; ++i) {
    if (!fill_with_random_name(name_, kNameSize)) return Error::internal;
    file_ = Fd(
        ::openat(staging(root), name_, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file_ && errno != EEXIST) return writer_error(errno);
    if (!file_) continue;
    // A sweep may have come between the two calls. A file system without locks is not swept twice.
    const bool is_taken = ::flock(file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    struct stat info{};
    if (!is_taken && ::fstat(file_.get(), &info) == 0 && info.st_nlink > 0) return {};
    ::unlinkat(staging(root), name_, 0);
    file_.reset();
  }
  return Error::busy;
}

Result<> StagingFile::append(const Root& root, Bytes bytes, bool more_follows) noexcept {
  const std::uint64_t begin = written_;
  while (!bytes.empty()) {
    const ssize_t size =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(written_));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return writer_error(errno);
    if (size == 0) return Error::disk_failed;
    bytes = bytes.subspan(static_cast<std::size_t>(size));
    written_ += static_cast<std::uint64_t>(size);
  }
  // The disk starts now, so that the commit's fsync finds little left to do.
  if (more_follows && root.is_durable()) {
    ::sync_file_range(file_.get(), static_cast<off_t>(begin), static_cast<off_t>(written_ - begin),
                      SYNC_FILE_RANGE_WRITE);
  }
  return {};
}

Result<Committed> StagingFile::commit(const Root& root) noexcept {
  if (root.is_durable() && ::fsync(file_.get()) != 0) {
    const Error error = writer_error(errno);
    discard(root);
    return error;
  }
  MadeFolders made;
  const Result<Committed> committed = give_name(root, made);
  if (!committed) {
    discard(root);
    made.remove(root, path());
    return committed;
  }
  file_.reset();
  other_staging_.reset();
  return committed;
}

Result<Committed> StagingFile::give_name(const Root& root, MadeFolders& made) noexcept {
  // A folder may vanish between being found and being used: another's failed commit had made it.
  for (int i = 0; i < kTries; ++i) {
    const Result<Fd> folder = open_or_make_parent(root, path(), made);
    if (!folder && errno != ENOENT) return folder.error();
    if (!folder) continue;
    errno = 0;
    const Result<Committed> moved = move_to(root, folder->get());
    if (!moved && errno == ENOENT) continue;
    if (!moved) return moved;
    if (root.is_durable() && ::fsync(folder->get()) != 0) return Error::disk_failed;
    return moved;
  }
  return Error::conflict;
}

// The one atomic step. Whether it replaced a file is told by the step itself: first it insists on
// there being none.
Result<Committed> StagingFile::move_to(const Root& root, int folder) noexcept {
  const Name name(leaf());
  struct stat info{};
  if (::fstat(folder, &info) == 0 && (info.st_mode & S_ISGID) != 0) {
    // As if the file had been made in that folder. Who may not give it that group keeps their own.
    static_cast<void>(::fchown(file_.get(), static_cast<uid_t>(-1), info.st_gid) == 0);
  }
  if (::renameat2(staging(root), name_, folder, name.c_str(), RENAME_NOREPLACE) == 0) {
    return Committed{.replaced = false};
  }
  const bool cannot_insist = errno == EINVAL || errno == ENOSYS;  // some network file systems
  if (errno != EEXIST && !cannot_insist) return writer_error(errno);
  const Entry entry = look_at(folder, name.c_str());
  if (entry == Entry::other) return Error::conflict;
  if (entry == Entry::unknown) return writer_error(errno);
  if (::renameat(staging(root), name_, folder, name.c_str()) != 0) return writer_error(errno);
  return Committed{.replaced = entry == Entry::file};
}

void StagingFile::discard(const Root& root) noexcept {
  if (file_) ::unlinkat(staging(root), name_, 0);
  file_.reset();
  other_staging_.reset();
}

}  // namespace wherry::storage::posix
