// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/names.h"

#include <cstring>

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {

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

void PathBuffer::cut(std::size_t size) noexcept {
  size_ = size;
  memory_[size_] = '\0';
}

}  // namespace wherry::storage::littlefs
