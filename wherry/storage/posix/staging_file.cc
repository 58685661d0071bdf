// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/staging_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <mutex>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/errors.h"
#include "wherry/storage/posix/names.h"
#include "wherry/storage/posix/system.h"
#include "wherry/storage/posix/version.h"

namespace wherry::storage::posix {
namespace {

// How often a step is tried again that another process got in the way of.
constexpr int kTries = 4;

// Bytes that the disk is asked to start on together. Asked for each block, it takes
// smaller pieces, and so longer than if it were asked but once, at the end.
constexpr std::uint64_t kBegunTogetherBytes = 16 * 1024 * 1024;

// Whether so few bytes find room, their write says soon enough; also, where the folder's owner
// writes it, whether something else than its mode forbids that.
constexpr std::uint64_t kWorthAsking = 64 * 1024;

Result<> check_access(int folder) noexcept {
  if (::faccessat(folder, "", W_OK | X_OK, AT_EACCESS | AT_EMPTY_PATH) == 0) return {};
  // A kernel that cannot tell (before 5.8) leaves it to the commit.
  const bool is_denied = errno == EACCES || errno == EPERM || errno == EROFS;
  return is_denied ? Result<>(Error::not_writable) : Result<>();
}

}  // namespace

StagingFile::StagingFile(std::string_view path, char* long_path) noexcept : long_path_(long_path) {
  set_path(path);
  name_[0] = '\0';
}

void StagingFile::set_path(std::string_view path) noexcept {
  WHERRY_ASSERT(path.size() <= kMaxPathBytes);
  path_size_ = static_cast<std::uint16_t>(path.size());
  path.copy(path_size_ <= sizeof(short_path_) ? short_path_ : long_path_, path.size());
}

void StagingFile::set_target(std::string_view path) noexcept {
  set_path(path);
  has_target_ = true;
}

// ---------------------------------------------------------------- create

Result<Progress> StagingFile::create(const Root& root, const CreateOptions& options,
                                     Waiting waiting) noexcept {
  if (!root.is_writable()) return Error::not_writable;
  const std::uint64_t expected_size = options.expected_size.value_or(0);
  const bool stays_on_mount = waiting == Waiting::forbidden;
  if (stays_on_mount && (!root.is_in_memory() || options.is_trial)) return Progress::would_wait;
  if (options.is_trial) {
    is_upload_ = true;
    Result<> found = check_target(root);
    if (found) found = check_space(root, expected_size);
    return found ? Result<Progress>(Progress::made) : found.error();
  }
  const Result<Place> place =
      find_place(root, path(), O_PATH, stays_on_mount ? RESOLVE_NO_XDEV : 0);
  if (!place && stays_on_mount && errno == EXDEV) return Progress::would_wait;
  if (!place) return place.error();
  struct stat folder{};
  if (::fstat(place->folder.get(), &folder) != 0) return Error::disk_failed;
  const bool is_small = options.expected_size && expected_size <= kWorthAsking;
  Result<> step = look_at_place(*place);
  if (step && !(is_small && root.is_owner_and_may_change(folder))) {
    step = check_access(place->folder.get());
  }
  if (step && !stays_on_mount) step = choose_staging(root, place->folder.get());
  if (step) step = check_space(root, expected_size);
  if (step) step = make_file(root);
  if (!step) return step.error();
  if (place->name_at + leaf().size() == path().size()) take_group_of(folder);
  return Progress::made;
}

// The next name on the way must be free, or be the file that will be replaced.
Result<> StagingFile::look_at_place(const Place& place) noexcept {
  const std::string_view rest = path().substr(place.name_at);
  const std::size_t slash = rest.find('/');
  const bool is_leaf = slash == std::string_view::npos;
  switch (look_at(place.folder.get(), Name(rest.substr(0, slash)).c_str()).kind) {
    case Standing::Kind::none:
      break;
    case Standing::Kind::file:
      if (!is_leaf) return Error::conflict;
      replaces_ = true;
      break;
    case Standing::Kind::folder:  // on the way: another has just made it
      if (is_leaf) return Error::conflict;
      break;
    case Standing::Kind::other:
      return Error::conflict;
    case Standing::Kind::unknown:
      return writer_error(errno);
  }
  return {};
}

Result<> StagingFile::choose_staging(const Root& root, int folder) noexcept {
  if (Root::mount_of(folder) == root.mount()) return {};
  Result<Fd> staging = open_staging_for(root, folder);
  if (!staging) return staging.error();
  other_staging_ = std::move(*staging);
  return {};
}

Result<> StagingFile::check_space(const Root& root, std::uint64_t expected_size) noexcept {
  struct statvfs info{};
  if (expected_size <= kWorthAsking || ::fstatvfs(staging(root), &info) != 0) return {};
  const bool is_known = info.f_blocks > 0 && info.f_frsize > 0;
  if (!is_known) return {};
  const std::uint64_t blocks =
      expected_size / info.f_frsize + (expected_size % info.f_frsize != 0 ? 1 : 0);
  return blocks > info.f_bavail ? Result<>(Error::no_space) : Result<>();
}

Result<> StagingFile::make_file(const Root& root) noexcept {
  const bool is_own = root.has_staging_lock() && !other_staging_;
  for (int i = 0; i < kTries; ++i) {
    RandomName name;
    if (is_own) root.own_names().fill(name);
    if (!is_own && !fill_with_random_name(name)) return Error::internal;
    std::memcpy(name_, name, sizeof(name));
    file_ = Fd(
        ::openat(staging(root), name_, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!file_ && errno != EEXIST) return writer_error(errno);
    if (!file_) continue;
    if (is_own) return {};
    // A sweep may have come between the two calls. A file system without locks is not swept twice.
    const bool is_taken = ::flock(file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    struct stat info{};
    if (!is_taken && ::fstat(file_.get(), &info) == 0 && info.st_nlink > 0) return {};
    ::unlinkat(staging(root), name_, 0);
    file_.reset();
  }
  return Error::busy;
}

Result<> StagingFile::resume(const Root& root, std::uint64_t size,
                             std::optional<std::uint64_t> expected_size) noexcept {
  if (!root.is_writable()) return Error::not_writable;
  is_upload_ = true;
  is_name_durable_ = size > 0;  // it has been synchronised before
  const std::string_view name = leaf();
  WHERRY_ASSERT(name.size() < sizeof(name_));
  std::memcpy(name_, name.data(), name.size());
  name_[name.size()] = '\0';
  const std::uint64_t missing = expected_size.value_or(0);
  Result<> step = check_space(root, missing > size ? missing - size : 0);
  if (step) step = open_upload(root, size == 0);
  struct stat info{};
  if (step && ::fstat(file_.get(), &info) != 0) step = Error::disk_failed;
  const auto end = static_cast<off_t>(size);
  if (step && info.st_size < end) step = Error::not_found;
  if (step && info.st_size > end && ::ftruncate(file_.get(), end) != 0) step = writer_error(errno);
  if (!step) discard(root);
  written_ = size;
  begun_ = size;
  return step;
}

// Nothing is cut off, and nothing is written, before this has the lock of what stands under the
// name: the one who had it may have committed the file in between, or removed it.
Result<> StagingFile::open_upload(const Root& root, bool may_make) noexcept {
  const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (may_make ? O_CREAT : 0);
  for (int i = 0; i < kTries; ++i) {
    file_ = Fd(::openat(root.uploads(), name_, flags, 0666));
    if (!file_ && errno == ENOENT && !may_make) return Error::not_found;
    if (!file_) return writer_error(errno);
    struct stat info{};
    if (::fstat(file_.get(), &info) != 0) return Error::disk_failed;
    if (!S_ISREG(info.st_mode)) return Error::conflict;
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
      return errno == EWOULDBLOCK ? Error::busy : writer_error(errno);
    }
    if (is_still_there(root)) return {};
  }
  return Error::busy;
}

// Whether this very file still lies under its name.
bool StagingFile::is_still_there(const Root& root) const noexcept {
  Standing ours;
  return ::fstat(file_.get(), &ours.info) == 0 && look_at(staging(root), name_).is_same_as(ours);
}

// ---------------------------------------------------------------- write

Result<> StagingFile::append(const Root& root, Bytes bytes, bool more_follows) noexcept {
  while (!bytes.empty()) {
    const ssize_t size =
        ::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(written_));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return writer_error(errno);
    if (size == 0) return Error::disk_failed;
    bytes = bytes.subspan(static_cast<std::size_t>(size));
    written_ += static_cast<std::uint64_t>(size);
  }
  // The disk starts on them, so that the commit's fsync finds little left to do.
  if (more_follows && root.is_durable() && written_ - begun_ >= kBegunTogetherBytes) {
    ::sync_file_range(file_.get(), static_cast<off_t>(begun_),
                      static_cast<off_t>(written_ - begun_), SYNC_FILE_RANGE_WRITE);
    begun_ = written_;
  }
  return {};
}

Result<> StagingFile::sync(const Root& root) noexcept {
  if (!root.is_durable()) return {};
  if (::fsync(file_.get()) != 0) return writer_error(errno);
  if (is_upload_ && !is_name_durable_) {
    if (::fsync(root.uploads()) != 0) return writer_error(errno);
    is_name_durable_ = true;
  }
  return {};
}

// ---------------------------------------------------------------- commit

// What a create of that path would have said.
Result<> StagingFile::check_target(const Root& root) noexcept {
  const Result<Place> place = find_place(root, path(), O_PATH);
  if (!place) return place.error();
  Result<> step = look_at_place(*place);
  if (step) step = check_access(place->folder.get());
  const bool is_near = Root::mount_of(place->folder.get()) == Root::mount_of(staging(root));
  return step && !is_near ? Result<>(Error::other_mount) : step;
}

Result<Committed> StagingFile::commit(const Root& root, const CommitOptions& options) noexcept {
  Result<> step = has_target_ ? check_target(root) : Result<>();
  if (step) step = stamp(options.crc32);
  if (step && root.is_durable() && ::fsync(file_.get()) != 0) step = writer_error(errno);
  if (!step) {
    discard(root);
    return step.error();
  }
  MadeFolders made;
  const Result<Committed> committed = give_name(root, options.expected, made);
  if (!committed) {
    discard(root);
    made.remove(root, path());
    return committed;
  }
  file_.reset();
  other_staging_.reset();
  return committed;
}

// The time of a version is its own, to the nanosecond (version.h says why). Nothing is written
// afterwards.
Result<> StagingFile::stamp(std::optional<std::uint32_t> crc32) noexcept {
  timespec times[2] = {};
  times[0].tv_nsec = UTIME_OMIT;
  ::clock_gettime(CLOCK_REALTIME, &times[1]);
  ::futimens(file_.get(), times);
  struct stat info{};
  if (::fstat(file_.get(), &info) != 0) return Error::disk_failed;
  version_ = version_of(info);
  if (crc32) keep_crc32(file_.get(), info, *crc32);
  return {};
}

Result<Committed> StagingFile::give_name(const Root& root, const Expected& expected,
                                         MadeFolders& made) noexcept {
  // A folder may vanish between being found and being used: another's failed commit had made it, or
  // it was moved or removed.
  for (int i = 0; i < kTries; ++i) {
    if (!has_group_) {
      const Result<Fd> found = open_or_make_parent(root, path(), made);
      if (!found && errno != ENOENT) return found.error();
      if (!found) continue;
      struct stat folder{};
      if (::fstat(found->get(), &folder) != 0) return Error::disk_failed;
      take_group_of(folder);
    }
    Standing old;  // what was replaced is freed when the lock is no longer held
    Fd folder;
    Result<Committed> moved = Error::conflict;
    {
      const std::lock_guard lock(name_lock());
      folder = open_parent(root, path());
      has_group_ = static_cast<bool>(folder);
      if (!folder && errno == ENOENT) continue;
      if (!folder) return writer_error(errno);
      errno = 0;
      moved = move_to(root, folder.get(), expected, old);
      if (!moved && moved.error() == Error::conflict && errno == ENOENT) continue;
    }
    if (moved && moved->replaced) {
      replaced_bytes_ = static_cast<std::uint64_t>(old.info.st_size);
      replaced_ = std::move(old.handle);
    }
    if (moved && !make_names_durable(root, folder)) return Error::disk_failed;
    return moved;
  }
  return Error::conflict;
}

// As if the file had been made in that folder. Who may not give it that group keeps their own.
void StagingFile::take_group_of(const struct stat& folder) noexcept {
  has_group_ = true;
  if ((folder.st_mode & S_ISGID) != 0) {
    static_cast<void>(::fchown(file_.get(), static_cast<uid_t>(-1), folder.st_gid) == 0);
  }
}

// The one atomic step. Whether it replaced a file is told by the step itself: first it insists on
// there being none, where that is allowed; unless a file stood there a moment ago, and stands there
// still. Under the lock of the names.
Result<Committed> StagingFile::move_to(const Root& root, int folder, const Expected& expected,
                                       Standing& old) noexcept {
  const Name name(leaf());
  if (is_upload_ && !is_still_there(root)) return Error::not_found;  // it was removed
  if (replaces_) {
    old = look_at(folder, name.c_str());
    replaces_ = old.kind == Standing::Kind::file;
  }
  if (!replaces_ && expected.is_met_by(std::nullopt)) {
    if (::renameat2(staging(root), name_, folder, name.c_str(), RENAME_NOREPLACE) == 0) {
      return Committed{.replaced = false, .version = version_};
    }
    const bool cannot_insist = errno == EINVAL || errno == ENOSYS;  // some network file systems
    if (errno != EEXIST && !cannot_insist) return writer_error(errno);
  }
  if (!replaces_) old = look_at(folder, name.c_str());
  if (old.kind == Standing::Kind::unknown) return writer_error(errno);
  const bool is_file = old.kind == Standing::Kind::file;
  if (!is_file && old.kind != Standing::Kind::none) return Error::conflict;
  if (!expected.is_met_by(old.version())) return Error::precondition_failed;
  if (::renameat(staging(root), name_, folder, name.c_str()) != 0) return writer_error(errno);
  return Committed{.replaced = is_file, .version = version_};
}

// An upload's old name must not come back: who went on with it would write into the new file.
bool StagingFile::make_names_durable(const Root& root, const Fd& folder) const noexcept {
  const bool has_left = is_upload_ && root.is_durable();
  return make_durable(root, folder) && (!has_left || ::fsync(root.uploads()) == 0);
}

void StagingFile::discard(const Root& root) noexcept {
  if (file_ && !is_upload_) ::unlinkat(staging(root), name_, 0);
  file_.reset();
  other_staging_.reset();
}

}  // namespace wherry::storage::posix
