// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/removed_tree.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "wherry/storage/posix/directory.h"
#include "wherry/storage/posix/names.h"
#include "wherry/storage/posix/system.h"

namespace wherry::storage::posix {

namespace {

// Opens a folder in which everything may be deleted, if its rights are ours to give.
Fd open_to_empty(int parent, const char* name) noexcept {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  constexpr std::uint64_t kResolve = kBeneath | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  Fd folder(open_beneath(parent, name, kFlags, kResolve));
  if (!folder && errno == EACCES && ::fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0) {
    folder = Fd(open_beneath(parent, name, kFlags, kResolve));
  }
  struct stat info{};
  if (folder && ::fstat(folder.get(), &info) == 0 && (info.st_mode & 0700) != 0700) {
    ::fchmod(folder.get(), 0700);
  }
  return folder;
}

// Returns: whether it has gone: a file, a link, an empty folder.
bool unlink_now(int folder, const Directory::Entry& entry) noexcept {
  const auto is_gone = [](int result) { return result == 0 || errno == ENOENT; };
  return (!entry.is_folder() && is_gone(::unlinkat(folder, entry.name, 0))) ||
         is_gone(::unlinkat(folder, entry.name, AT_REMOVEDIR));
}

}  // namespace

/// What is deleted at a time.
class RemovedTree::Slice {
 public:
  explicit Slice(int top) noexcept : deadline_(kSliceMs), top_(top) {}

  /// Returns: whether the top is empty. What was renamed into it meanwhile takes another pass.
  bool empty_top() noexcept {
    while (true) {
      const std::uint64_t before = deleted_count_;
      bool is_empty = true;
      Directory entries(top_, buffer_);
      entries.seek(0);
      while (const Directory::Entry* entry = entries.next()) {
        is_empty = false;
        delete_entry(*entry);
        if (is_over()) return false;
      }
      if (is_empty || deleted_count_ == before) return is_empty;
    }
  }
  std::uint64_t deleted_count() const noexcept { return deleted_count_; }

 private:
  // Not before something has gone: else what cannot go would keep others from their turn for ever,
  // and a slow disk or processor would look like that.
  bool is_over() const noexcept { return deleted_count_ > 0 && deadline_.has_passed(); }

  void delete_entry(const Directory::Entry& entry) noexcept {
    const char* name = entry.name;
    if (unlink_now(top_, entry)) {
      ++deleted_count_;
    } else {
      empty_folder(name);
      if (::unlinkat(top_, name, AT_REMOVEDIR) == 0) ++deleted_count_;
    }
  }

  void empty_folder(const char* name) noexcept {
    const Fd folder = open_to_empty(top_, name);
    if (!folder) return;
    alignas(8) std::byte buffer[kBufferBytes];
    Directory entries(folder.get(), buffer);
    while (const Directory::Entry* entry = entries.next()) {
      if (is_over()) return;
      if (unlink_now(folder.get(), *entry) || lift(folder.get(), entry->name)) ++deleted_count_;
    }
  }

  // Who moves a folder must be allowed to change it: its `..` does.
  bool lift(int folder, const char* name) noexcept {
    RandomName lifted;
    if (!fill_with_random_name(lifted)) return false;
    if (::renameat(folder, name, top_, lifted) == 0) return true;
    return errno == EACCES && ::fchmodat(folder, name, 0700, AT_SYMLINK_NOFOLLOW) == 0 &&
           ::renameat(folder, name, top_, lifted) == 0;
  }

  static constexpr std::size_t kBufferBytes = 16 * 1024;

  Deadline deadline_;
  int top_;
  alignas(8) std::byte buffer_[kBufferBytes];
  std::uint64_t deleted_count_ = 0;  // or renamed into the top
};

void RemovedTree::set(Fd staging, const char* name) noexcept {
  staging_ = std::move(staging);
  std::snprintf(name_, sizeof(name_), "%s", name);
}

bool RemovedTree::delete_some() noexcept {
  if (!staging_) return false;
  const Fd top = open_to_empty(staging_.get(), name_);
  bool has_more = false;
  if (top) {
    Slice slice(top.get());
    has_more = !slice.empty_top() && slice.deleted_count() > 0;
  }
  if (has_more) return true;
  ::unlinkat(staging_.get(), name_, AT_REMOVEDIR);
  staging_.reset();
  return false;
}

bool move_to_staging(int folder, const char* leaf, Fd staging, RemovedTree& tree) noexcept {
  RandomName name;
  if (!fill_with_random_name(name)) return false;
  if (::renameat(folder, leaf, staging.get(), name) != 0) return false;
  tree.set(std::move(staging), name);
  return true;
}

}  // namespace wherry::storage::posix
