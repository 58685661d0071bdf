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

namespace wherry::storage::posix {
namespace {

// A folder that is to be synchronised must be opened for reading; else its name is enough.
int parent_flags(const Root& root) noexcept { return root.is_durable() ? O_RDONLY : O_PATH; }

std::string_view without_last_segment(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
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

Entry look_at(int folder, const char* name) noexcept {
  struct stat info{};
  if (::fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return errno == ENOENT ? Entry::none : Entry::unknown;
  }
  return S_ISREG(info.st_mode) ? Entry::file : Entry::other;
}

Result<Place> find_place(const Root& root, std::string_view path, int flags) noexcept {
  std::string_view prefix = without_last_segment(path);
  while (true) {
    Fd folder = root.open_folder(prefix, flags);
    if (folder) return Place{std::move(folder), prefix.empty() ? 0 : prefix.size() + 1};
    if (errno != ENOENT || prefix.empty()) return writer_error(errno);
    prefix = without_last_segment(prefix);
  }
}

void MadeFolders::remove(const Root& root, std::string_view path) noexcept {
  if (is_empty()) return;
  std::string_view prefix = path.substr(0, deepest_);
  while (prefix.size() >= shallowest_) {
    const std::string_view parent_path = without_last_segment(prefix);
    const Fd parent = root.open_folder(parent_path, O_PATH);
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
      if (root.is_durable() && ::fsync(folder.get()) != 0) return Error::disk_failed;
    }
    folder = open_next(root, folder.get(), name, path.substr(0, slash), was_made);
    if (!folder) return writer_error(errno);
    at = slash + 1;
  }
  return folder;
}

}  // namespace wherry::storage::posix
