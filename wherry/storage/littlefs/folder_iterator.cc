// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/folder_iterator.h"

#include <cstring>

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {

Result<> FolderIterator::open(std::string_view path) noexcept {
  close();
  is_root_ = path.empty();
  if (is_root_) path = "/";
  const Result<> checked = is_root_ ? Result<>() : check_path(path);
  if (!checked) return checked;
  if (!storage_.files().is_ready()) return Error::storage_unavailable;
  // The place of the entries' names holds the folder's, until there is one.
  if (path.size() >= sizeof(info_.name)) return Error::not_found;
  std::memcpy(info_.name, path.data(), path.size());
  info_.name[path.size()] = '\0';
  const int code = lfs::folder_open(storage_.files().handle(), &folder_, info_.name);
  if (code < 0) return reader_error(code);
  is_open_ = true;
  info_.name[0] = '\0';
  commit_count_ = storage_.commit_count();
  return {};
}

Result<std::optional<FolderEntry>> FolderIterator::next() noexcept {
  if (!is_open_) return std::optional<FolderEntry>();
  const int code = commit_count_ == storage_.commit_count() ? read(info_) : find_place_again();
  if (code <= 0) close();
  if (code < 0) return Error::disk_failed;
  if (code == 0) return std::optional<FolderEntry>();
  const bool is_folder = info_.type != lfs::kTypeFile;
  return std::optional(FolderEntry{info_.name, is_folder, is_folder ? 0u : info_.size});
}

int FolderIterator::read(lfs::Info& info) noexcept {
  while (true) {
    const int code = lfs::folder_read(storage_.files().handle(), &folder_, &info);
    if (code <= 0) return code;
    const std::string_view name = info.name;
    if (name != "." && name != ".." && !(is_root_ && name == kPrivateFolder)) return code;
  }
}

// littlefs loses its place in a folder when the entry that comes next is replaced. But it keeps
// names in order: what comes next is the first that is greater than the last.
int FolderIterator::find_place_again() noexcept {
  commit_count_ = storage_.commit_count();
  int code = lfs::folder_rewind(storage_.files().handle(), &folder_);
  if (code < 0) return code;
  lfs::Info info;
  do {
    code = read(info);
  } while (code > 0 && std::string_view(info.name) <= std::string_view(info_.name));
  if (code > 0) info_ = info;
  return code;
}

void FolderIterator::close() noexcept {
  if (is_open_) lfs::folder_close(storage_.files().handle(), &folder_);
  is_open_ = false;
}

}  // namespace wherry::storage::littlefs
