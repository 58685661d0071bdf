// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/change.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <utility>

#include "wherry/storage/posix/errors.h"
#include "wherry/storage/posix/folders.h"
#include "wherry/storage/posix/mounts.h"
#include "wherry/storage/posix/names.h"

namespace wherry::storage::posix {
namespace {

// How often a step is tried again that another's change got in the way of.
constexpr int kTries = 4;

// What stands under the name is a file or a folder, and what is expected.
Result<> check(const Standing& there, const Expected& expected) noexcept {
  switch (there.kind) {
    case Standing::Kind::none:
      return Error::not_found;
    case Standing::Kind::file:
    case Standing::Kind::folder:
      return expected.is_met_by(there.version()) ? Result<>() : Error::precondition_failed;
    case Standing::Kind::other:
      return Error::conflict;
    case Standing::Kind::unknown:
      break;
  }
  return reader_error(errno);
}

// ---------------------------------------------------------------- remove

// A mount beneath would go with the folder, and what is on it is not the folder's.
bool may_hold_mounts(const Standing& folder) noexcept {
  MountsBeneath mounts(folder.handle.get());
  return !mounts.are_known() || !mounts.next().empty();
}

// `staging` is open where the removal is recursive.
Result<> remove_folder(int parent, const char* leaf, const Standing& there, Fd& staging,
                       RemovedTree& tree) noexcept {
  if (::unlinkat(parent, leaf, AT_REMOVEDIR) == 0) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return writer_error(errno);
  if (!staging) return Error::not_empty;
  if (may_hold_mounts(there)) return Error::conflict;
  if (move_to_staging(parent, leaf, std::move(staging), tree)) return {};
  return writer_error(errno);
}

Result<> remove_standing(int parent, const char* leaf, const Standing& there,
                         const Expected& expected, Fd& staging, RemovedTree& tree) noexcept {
  if (const Result<> checked = check(there, expected); !checked) return checked;
  if (there.kind == Standing::Kind::folder) {
    return remove_folder(parent, leaf, there, staging, tree);
  }
  return ::unlinkat(parent, leaf, 0) == 0 ? Result<>() : writer_error(errno);
}

}  // namespace

Result<> remove_name(const Root& root, std::string_view path, const RemoveOptions& options,
                     RemovedTree& tree) noexcept {
  if (!root.is_writable()) return Error::not_writable;
  const Name leaf(leaf_of(path));
  Fd staging;
  if (options.recursive) {
    const Fd folder = open_parent(root, path);
    if (!folder) return reader_error(errno);
    Result<Fd> opened = open_staging_for(root, folder.get());
    if (!opened) return opened.error();
    staging = std::move(*opened);
  }
  Standing there;  // what was removed is freed when the lock is no longer held
  Fd parent;
  {
    const std::lock_guard lock(name_lock());
    parent = open_parent(root, path);
    if (!parent) return reader_error(errno);
    there = look_at(parent.get(), leaf.c_str());
    const Result<> removed =
        remove_standing(parent.get(), leaf.c_str(), there, options.expected, staging, tree);
    if (!removed) return removed;
  }
  const bool is_durable =
      make_durable(root, parent) && (!tree.exists() || make_durable(root, tree.staging()));
  return is_durable ? Result<>() : Error::disk_failed;
}

// ---------------------------------------------------------------- move

namespace {

/// A name in an opened folder.
struct Spot {
  Fd folder;
  Name leaf;
  Standing there;

  void look() noexcept { there = look_at(folder.get(), leaf.c_str()); }
};

bool are_one_folder(const Fd& first, const Fd& second) noexcept {
  struct stat a{};
  struct stat b{};
  return ::fstat(first.get(), &a) == 0 && ::fstat(second.get(), &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}

Error mover_error(int error_number) noexcept {
  return error_number == EINVAL ? Error::conflict : writer_error(error_number);  // into itself
}

// A file where a file was. Two names of one file would both stay, if it were left to rename(2).
Result<> replace(const Spot& from, const Spot& to) noexcept {
  int result = 0;
  if (!from.there.is_same_as(to.there)) {
    result = ::renameat(from.folder.get(), from.leaf.c_str(), to.folder.get(), to.leaf.c_str());
  } else if (!are_one_folder(from.folder, to.folder) ||
             std::string_view(from.leaf.c_str()) != to.leaf.c_str()) {
    result = ::unlinkat(from.folder.get(), from.leaf.c_str(), 0);
  }
  return result == 0 ? Result<>() : mover_error(errno);
}

// The one step. Under the lock of the names.
Result<> rename(Spot& from, Spot& to, const MoveOptions& options) noexcept {
  from.look();
  if (const Result<> checked = check(from.there, options.expected); !checked) return checked;
  const int from_folder = from.folder.get();
  const int to_folder = to.folder.get();
  if (::renameat2(from_folder, from.leaf.c_str(), to_folder, to.leaf.c_str(), RENAME_NOREPLACE) ==
      0) {
    return {};
  }
  // EINVAL: into itself, or a file system that cannot insist on there being nothing.
  if (errno != EEXIST && errno != EINVAL && errno != ENOSYS) return mover_error(errno);
  to.look();
  if (to.there.kind == Standing::Kind::none) {
    const int result = ::renameat(from_folder, from.leaf.c_str(), to_folder, to.leaf.c_str());
    return result == 0 ? Result<>() : mover_error(errno);
  }
  const bool are_files =
      from.there.kind == Standing::Kind::file && to.there.kind == Standing::Kind::file;
  if (!are_files) return Error::conflict;
  return options.replaces ? replace(from, to) : Error::exists;
}

// Nothing is made for a move that cannot be.
Result<> check_source(const Root& root, std::string_view from, std::string_view to,
                      const Expected& expected) noexcept {
  const Fd folder = root.reach_folder(parent_of(from), O_PATH);
  if (!folder) return reader_error(errno);
  const Standing there = look_at(folder.get(), Name(leaf_of(from)).c_str());
  if (const Result<> checked = check(there, expected); !checked) return checked;
  const bool is_within = to.size() > from.size() && to.starts_with(from) && to[from.size()] == '/';
  return is_within ? Result<>(Error::conflict) : Result<>();
}

Result<> try_to_move(const Root& root, std::string_view from, std::string_view to,
                     const MoveOptions& options, MadeFolders& made) noexcept {
  for (int i = 0; i < kTries; ++i) {
    const Result<Fd> found = open_or_make_parent(root, to, made);
    if (!found && errno != ENOENT) return found.error();
    if (!found) continue;
    // What was replaced is freed when the lock is no longer held.
    Spot old_spot{{}, Name(leaf_of(from)), {}};
    Spot new_spot{{}, Name(leaf_of(to)), {}};
    {
      const std::lock_guard lock(name_lock());
      old_spot.folder = open_parent(root, from);
      if (!old_spot.folder) return reader_error(errno);
      new_spot.folder = open_parent(root, to);
      if (!new_spot.folder && errno == ENOENT) continue;
      if (!new_spot.folder) return writer_error(errno);
      const Result<> renamed = rename(old_spot, new_spot, options);
      if (!renamed) return renamed;
    }
    const bool is_durable =
        make_durable(root, new_spot.folder) && make_durable(root, old_spot.folder);
    return is_durable ? Result<>() : Error::disk_failed;
  }
  return Error::conflict;
}

}  // namespace

Result<> move_name(const Root& root, std::string_view from, std::string_view to,
                   const MoveOptions& options) noexcept {
  if (!root.is_writable()) return Error::not_writable;
  if (const Result<> checked = check_source(root, from, to, options.expected); !checked) {
    return checked;
  }
  MadeFolders made;
  const Result<> moved = try_to_move(root, from, to, options, made);
  if (!moved) made.remove(root, to);
  return moved;
}

}  // namespace wherry::storage::posix
