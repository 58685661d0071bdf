// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/folders.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/path.h"
#include "wherry/storage/posix/errors.h"
#include "wherry/storage/posix/system.h"
#include "wherry/storage/posix/version.h"

namespace wherry::storage::posix {
namespace {

// To free so little takes no longer than to rename it.
constexpr off_t kFreedAtOnceBytes = 64 * 1024;

// A folder that is to be synchronised must be opened for reading; else its name is enough.
int parent_flags(const Root& root) noexcept { return root.is_durable() ? O_RDONLY : O_PATH; }

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

// Opens what mkdirat has just made, or what stood there before: perhaps a link beneath the root,
// which only the root can resolve.
Fd open_next(const Root& root, int parent, const Name& name, std::string_view prefix,
             bool was_made) noexcept {
  if (!was_made) return root.open_folder(prefix, parent_flags(root));
  return Fd(open_beneath(parent, name.c_str(), parent_flags(root) | O_DIRECTORY | O_CLOEXEC,
                         kBeneath | RESOLVE_NO_SYMLINKS));
}

}  // namespace

Name::Name(std::string_view text) noexcept {
  static_assert(sizeof(text_) == kMaxSegmentBytes + 1);
  WHERRY_ASSERT(text.size() <= kMaxSegmentBytes);
  std::memcpy(text_, text.data(), text.size());
  text_[text.size()] = '\0';
}

std::optional<std::uint64_t> Standing::version() const noexcept {
  return kind == Kind::file ? std::optional(version_of(info)) : std::nullopt;
}

Standing look_at(int folder, const char* name) noexcept {
  Standing there;
  const bool is_there = ::fstatat(folder, name, &there.info, AT_SYMLINK_NOFOLLOW) == 0;
  if (!is_there && errno == ENOENT) return there;
  if (is_there && S_ISREG(there.info.st_mode) && there.info.st_size <= kFreedAtOnceBytes) {
    there.kind = Standing::Kind::file;
    return there;
  }
  there.handle = Fd(::openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!there.handle) {
    there.kind = errno == ENOENT ? Standing::Kind::none : Standing::Kind::unknown;
  } else if (::fstat(there.handle.get(), &there.info) != 0) {
    there.kind = Standing::Kind::unknown;
  } else if (S_ISREG(there.info.st_mode)) {
    there.kind = Standing::Kind::file;
  } else {
    there.kind = S_ISDIR(there.info.st_mode) ? Standing::Kind::folder : Standing::Kind::other;
  }
  return there;
}

std::string_view parent_of(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view leaf_of(std::string_view path) noexcept {
  return path.substr(path.rfind('/') + 1);
}

Fd open_parent(const Root& root, std::string_view path) noexcept {
  return root.reach_folder(parent_of(path), parent_flags(root));
}

bool make_durable(const Root& root, const Fd& folder) noexcept {
  return !root.is_durable() || ::fsync(folder.get()) == 0;
}

Result<Fd> open_staging_for(const Root& root, int folder) noexcept {
  Fd staging;
  if (Root::mount_of(folder) == root.mount()) {
    staging = Fd(::fcntl(root.staging(), F_DUPFD_CLOEXEC, 0));
  } else if (const Fd top = top_of_mount(folder)) {
    staging = open_staging(top.get());
  }
  if (!staging) return writer_error(errno);
  return staging;
}

Result<Place> find_place(const Root& root, std::string_view path, int flags,
                         std::uint64_t resolve) noexcept {
  std::string_view prefix = parent_of(path);
  while (true) {
    Fd folder = root.reach_folder(prefix, flags, resolve);
    if (folder) return Place{std::move(folder), prefix.empty() ? 0 : prefix.size() + 1};
    if (errno != ENOENT || prefix.empty()) return writer_error(errno);
    prefix = parent_of(prefix);
  }
}

void MadeFolders::remove(const Root& root, std::string_view path) noexcept {
  if (is_empty()) return;
  std::string_view prefix = path.substr(0, deepest_);
  while (prefix.size() >= shallowest_) {
    const std::string_view parent_path = parent_of(prefix);
    const Fd parent = root.reach_folder(parent_path, O_PATH);
    const Name name(prefix.substr(parent_path.empty() ? 0 : parent_path.size() + 1));
    if (!parent || ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) != 0) break;
    prefix = parent_path;
  }
  *this = MadeFolders();
}

Result<Fd> open_or_make_parent(const Root& root, std::string_view path,
                               MadeFolders& made) noexcept {
  Result<Place> place = find_place(root, path, parent_flags(root));
  if (!place) return place.error();
  Fd folder = std::move(place->folder);
  std::size_t at = place->name_at;
  for (std::size_t slash = path.find('/', at); slash != std::string_view::npos;
       slash = path.find('/', at)) {
    const Name name(path.substr(at, slash - at));
    const bool was_made = ::mkdirat(folder.get(), name.c_str(), 0777) == 0;
    if (!was_made && errno != EEXIST) return writer_error(errno);
    if (was_made) {
      made.note(slash);
      if (!make_durable(root, folder)) return Error::disk_failed;
    }
    folder = open_next(root, folder.get(), name, path.substr(0, slash), was_made);
    if (!folder) return writer_error(errno);
    at = slash + 1;
  }
  return folder;
}

}  // namespace wherry::storage::posix
