// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/names.h"

#include <algorithm>
#include <cstring>

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {
namespace {

// Finds the first folder in the folder `path` that comes behind the entry `behind` (empty: of all,
// and then looks at all names). Returns: 1, 0 (none) or littlefs's code; kNameTooLong for a name of
// more than `max_size` bytes.
int find_folder(FileSystem& files, const char* path, std::string_view behind, std::size_t max_size,
                lfs::Info& info) noexcept {
  lfs::Folder handle{};
  int code = lfs::folder_open(files.handle(), &handle, path);
  if (code < 0) return code;
  bool is_behind = behind.empty();
  while ((code = lfs::folder_read(files.handle(), &handle, &info)) > 0) {
    const std::string_view name = info.name;
    if (behind.empty() && name.size() > max_size) code = lfs::kNameTooLong;
    if (code < 0) break;
    if (is_behind && info.type != lfs::kTypeFile && !is_dots(info.name)) break;
    is_behind = is_behind || name == behind;
  }
  lfs::folder_close(files.handle(), &handle);
  return code;
}

}  // namespace

static_assert(kPrivateFolderName == kPrivateFolder);

Result<Entry> look_at(FileSystem& files, const char* path) noexcept {
  lfs::Info info;
  const int code = lfs::stat(files.handle(), path, &info);
  if (code == lfs::kNoEntry || code == lfs::kNameTooLong) return Entry();
  if (code < 0) return writer_error(code);
  if (info.type != lfs::kTypeFile) return Entry{Entry::Kind::folder, 0};
  return Entry{Entry::Kind::file, info.size};
}

Result<> make_private_folder(FileSystem& files) noexcept {
  const int code = files.settled(lfs::make_folder(files.handle(), kPrivateFolderName));
  if (code < 0 && code != lfs::kExists) return writer_error(code);
  return {};
}

// Not inlined, for its 260 bytes: a stack that is deep below littlefs does not hold them too.
[[gnu::noinline]] bool is_gone(FileSystem& files, const char* path) noexcept {
  lfs::Info info;
  return lfs::stat(files.handle(), path, &info) == lfs::kNoEntry;
}

bool is_dots(const char* name) noexcept {
  return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0;
}

int find_entry(FileSystem& files, const char* folder, std::string_view begin,
               lfs::Info& info) noexcept {
  lfs::Folder handle{};
  int code = lfs::folder_open(files.handle(), &handle, folder);
  if (code < 0) return code;
  do {
    code = lfs::folder_read(files.handle(), &handle, &info);
  } while (code > 0 && (is_dots(info.name) || !std::string_view(info.name).starts_with(begin)));
  lfs::folder_close(files.handle(), &handle);
  return code;
}

Result<std::size_t> find_missing_folder(FileSystem& files, std::span<char> path) noexcept {
  for (std::size_t i = 0; path[i] != '\0'; ++i) {
    if (path[i] != '/') continue;
    path[i] = '\0';
    const Result<Entry> entry = look_at(files, path.data());
    path[i] = '/';
    if (!entry) return entry.error();
    if (entry->kind == Entry::Kind::none) return i;
    if (entry->kind == Entry::Kind::file) return Error::conflict;
  }
  return std::size_t{0};
}

// littlefs makes the new name and removes the old one in two steps, of which the first decides:
// when only the second fails, what is renamed is in place, and littlefs itself removes the rest.
Error rename(FileSystem& files, const char* from, const char* to) noexcept {
  const int code = files.settled(lfs::rename(files.handle(), from, to));
  if (code == lfs::kOk) return Error::none;
  return is_gone(files, from) ? Error::none : writer_error(code);
}

Result<std::uint32_t> move_into_place(FileSystem& files, const char* from,
                                      std::span<char> to) noexcept {
  const Result<std::size_t> missing = find_missing_folder(files, to);
  if (!missing) return missing.error();
  Error error = Error::none;
  const std::size_t first = *missing == 0 ? to.size() : *missing;
  std::size_t made_end = first;  // where the name of the last that was made ends
  std::uint32_t made_count = 0;
  for (std::size_t i = first; i < to.size() && error == Error::none; ++i) {
    if (to[i] != '/') continue;
    to[i] = '\0';
    error = writer_error(files.settled(lfs::make_folder(files.handle(), to.data())));
    to[i] = '/';
    if (error == Error::none) {
      made_end = i;
      ++made_count;
    }
  }
  if (error == Error::none) error = rename(files, from, to.data());
  if (error == Error::none) return made_count;
  for (std::size_t i = made_end + 1; made_count > 0 && i-- > first;) {
    if (to[i] != '/') continue;
    to[i] = '\0';
    static_cast<void>(remove_one(files, to.data()));
    --made_count;
  }
  return error;
}

// littlefs removes the name of a folder first, and then the folder.
Error remove_one(FileSystem& files, const char* path) noexcept {
  const int code = files.settled(lfs::remove(files.handle(), path));
  if (code == lfs::kOk) return Error::none;
  if (code == lfs::kNotEmpty) return Error::not_empty;
  return is_gone(files, path) ? Error::none : writer_error(code);
}

// ---------------------------------------------------------------- PathBuffer

bool PathBuffer::append(std::string_view text) noexcept {
  if (text.size() >= memory_.size() - size_) return false;
  std::memcpy(memory_.data() + size_, text.data(), text.size());
  cut(size_ + text.size());
  return true;
}

bool PathBuffer::append(const char* text) noexcept { return append(std::string_view(text)); }

void PathBuffer::cut(std::size_t size) noexcept {
  size_ = size;
  memory_[size_] = '\0';
}

Error check_paths_below(FileSystem& files, PathBuffer& path, std::size_t max_size) noexcept {
  const std::size_t top_size = path.text().size();
  std::string_view behind;  // in the path's memory
  lfs::Info info;
  while (true) {
    const std::size_t taken = path.text().size() + 1;
    const int code =
        find_folder(files, path.c_str(), behind, max_size - std::min(max_size, taken), info);
    if (code == lfs::kNameTooLong) return Error::bad_path;
    if (code < 0) return Error::disk_failed;
    if (code > 0) {
      behind = {};
      if (!path.append("/") || !path.append(info.name)) return Error::bad_path;
      continue;
    }
    if (path.text().size() == top_size) return Error::none;
    const std::string_view whole = path.text();
    behind = whole.substr(whole.rfind('/') + 1);
    path.cut(whole.rfind('/'));
  }
}

}  // namespace wherry::storage::littlefs
