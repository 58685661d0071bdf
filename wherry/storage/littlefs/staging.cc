// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/staging.h"

#include <cstring>

#include "wherry/base/assert.h"
#include "wherry/base/number.h"
#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {
namespace {

constexpr char kPrivateFolderName[] = ".wherry";
static_assert(kPrivateFolderName == kPrivateFolder);
constexpr char kStagingMark = '~';
constexpr std::string_view kFolderSuffix = ".d";

// Whether a folder's first entry is itself or its parent.
bool is_dots(const char* name) noexcept {
  return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0;
}

// Finds an entry of `folder` whose name begins with `begin`. Returns: 1, 0 (none) or a code.
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

// Removes the file or folder `path` with all that is in it. `info`: 260 bytes that it may use.
Error remove_tree(FileSystem& files, PathBuffer& path, lfs::Info& info) noexcept {
  const std::size_t top_size = path.text().size();
  while (true) {
    const int found = find_entry(files, path.c_str(), {}, info);
    if (found > 0) {
      if (!path.append("/") || !path.append(info.name)) return Error::bad_path;
      continue;
    }
    if (found < 0 && found != lfs::kNoFolder) return writer_error(found);
    const int code = files.settled(lfs::remove(files.handle(), path.c_str()));
    if (code < 0) return writer_error(code);
    if (path.text().size() == top_size) return Error::none;
    path.cut(path.text().rfind('/'));
  }
}

// Not inlined, for its 260 bytes: a stack that is deep below littlefs does not hold them too.
[[gnu::noinline]] bool is_gone(FileSystem& files, const char* path) noexcept {
  lfs::Info info;
  return lfs::stat(files.handle(), path, &info) == lfs::kNoEntry;
}

// littlefs makes the new name and removes the old one in two steps, of which the first decides:
// when only the second fails, what is renamed is in place, and littlefs itself removes the rest.
Error rename(FileSystem& files, const char* from, const char* to) noexcept {
  const int code = files.settled(lfs::rename(files.handle(), from, to));
  if (code == lfs::kOk) return Error::none;
  return is_gone(files, from) ? Error::none : writer_error(code);
}

// Returns: the size of the shortest prefix of `path` that is a missing folder; 0: none is missing.
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

}  // namespace

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

Result<> sweep(FileSystem& files, std::span<char> scratch) noexcept {
  lfs::Info info;
  while (true) {
    const int found = find_entry(files, kPrivateFolderName, {&kStagingMark, 1}, info);
    if (found == 0 || found == lfs::kNoEntry || found == lfs::kNoFolder) return {};
    if (found < 0) return writer_error(found);
    PathBuffer path(scratch);
    if (!path.append(kPrivateFolder) || !path.append("/") || !path.append(info.name))
      return Error::bad_path;
    const Error error = remove_tree(files, path, info);
    if (error != Error::none) return error;
  }
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

// ---------------------------------------------------------------- Staging

Staging::Staging(std::uint32_t number) noexcept {
  PathBuffer name(name_);
  const bool fits = name.append(kPrivateFolder) && name.append("/") &&
                    name.append({&kStagingMark, 1}) && name.append(hex32(number).view());
  WHERRY_ASSERT(fits);
}

Result<Placed> Staging::place(FileSystem& files, std::span<char> path,
                              std::span<char> scratch) noexcept {
  const Result<Entry> there = look_at(files, path.data());
  if (!there) return there.error();
  if (there->kind == Entry::Kind::folder) return Error::conflict;
  const bool replaced = there->kind == Entry::Kind::file;
  const Result<std::size_t> missing_size =
      replaced ? Result<std::size_t>(std::size_t{0}) : find_missing_folder(files, path);
  if (!missing_size) return missing_size.error();
  const Error error = *missing_size == 0 ? rename(files, name(), path.data())
                                         : place_with_folders(files, path, *missing_size, scratch);
  if (error != Error::none) return error;
  return Placed{.replaced = replaced, .replaced_size = there->size};
}

Error Staging::place_with_folders(FileSystem& files, std::span<char> path, std::size_t missing_size,
                                  std::span<char> scratch) noexcept {
  PathBuffer staged(scratch);
  if (!staged.append(name()) || !staged.append(kFolderSuffix)) return Error::bad_path;
  const std::size_t top_size = staged.text().size();
  has_folders_ = true;
  std::string_view rest = std::string_view(path.data()).substr(missing_size);  // "/folder/file"
  while (true) {
    const int code = files.settled(lfs::make_folder(files.handle(), staged.c_str()));
    if (code < 0) return writer_error(code);
    const std::size_t slash = rest.find('/', 1);
    if (!staged.append(rest.substr(0, slash))) return Error::bad_path;
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash);
  }
  const Error error = rename(files, name(), staged.c_str());
  if (error != Error::none) return error;
  staged.cut(top_size);
  path[missing_size] = '\0';
  const Error placed = rename(files, staged.c_str(), path.data());
  path[missing_size] = '/';
  return placed;
}

void Staging::remove(FileSystem& files, std::span<char> scratch) noexcept {
  files.settled(lfs::remove(files.handle(), name()));
  if (!has_folders_) return;
  lfs::Info info;
  PathBuffer path(scratch);
  if (path.append(name()) && path.append(kFolderSuffix))
    static_cast<void>(remove_tree(files, path, info));
}

}  // namespace wherry::storage::littlefs
