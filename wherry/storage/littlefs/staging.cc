// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/staging.h"

#include <cstring>

#include "wherry/base/assert.h"
#include "wherry/base/number.h"
#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {
namespace {

// The numbers of staging begin with 0x; what begins with another letter is none of its.
constexpr std::string_view kStagingMark = "~";
constexpr std::string_view kStaged = "~0";
constexpr std::string_view kFolderSuffix = ".d";

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

}  // namespace

Result<> sweep(FileSystem& files, std::span<char> scratch) noexcept {
  lfs::Info info;
  while (true) {
    const int found = find_entry(files, kPrivateFolderName, kStaged, info);
    if (found == 0 || found == lfs::kNoEntry || found == lfs::kNoFolder) return {};
    if (found < 0) return writer_error(found);
    PathBuffer path(scratch);
    if (!path.append(kPrivateFolder) || !path.append("/") || !path.append(info.name))
      return Error::bad_path;
    const Error error = remove_tree(files, path, info);
    if (error != Error::none) return error;
  }
}

// ---------------------------------------------------------------- Staging

Staging::Staging(std::uint32_t number) noexcept {
  PathBuffer name(name_);
  const bool fits = name.append(kPrivateFolder) && name.append("/") && name.append(kStagingMark) &&
                    name.append(hex32(number).view());
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
  Placed placed{.replaced = replaced, .replaced_size = there->size};
  const Error error = *missing_size == 0
                          ? rename(files, name(), path.data())
                          : place_with_folders(files, path, *missing_size, scratch, placed);
  if (error != Error::none) return error;
  return placed;
}

Error Staging::place_with_folders(FileSystem& files, std::span<char> path, std::size_t missing_size,
                                  std::span<char> scratch, Placed& placed) noexcept {
  PathBuffer staged(scratch);
  if (!staged.append(name()) || !staged.append(kFolderSuffix)) return Error::bad_path;
  const std::size_t top_size = staged.text().size();
  has_folders_ = true;
  std::string_view rest = std::string_view(path.data()).substr(missing_size);  // "/folder/file"
  while (true) {
    const int code = files.settled(lfs::make_folder(files.handle(), staged.c_str()));
    if (code < 0) return writer_error(code);
    ++placed.made_folders;
    const std::size_t slash = rest.find('/', 1);
    if (!staged.append(rest.substr(0, slash))) return Error::bad_path;
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash);
  }
  const Error error = rename(files, name(), staged.c_str());
  if (error != Error::none) return error;
  staged.cut(top_size);
  path[missing_size] = '\0';
  const Error named = rename(files, staged.c_str(), path.data());
  path[missing_size] = '/';
  return named;
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
