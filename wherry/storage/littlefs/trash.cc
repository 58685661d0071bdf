// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/trash.h"

#include <array>

#include "wherry/base/number.h"
#include "wherry/storage/littlefs/errors.h"

namespace wherry::storage::littlefs {
namespace {

constexpr std::string_view kTrashMark = "~r";
constexpr std::size_t kTrashNameBytes = sizeof(".wherry/~r0x00000000");

}  // namespace

Error throw_away(FileSystem& files, const char* path, std::uint32_t& number) noexcept {
  if (const Result<> made = make_private_folder(files); !made) return made.error();
  std::array<char, kTrashNameBytes> memory;
  PathBuffer name(memory);
  do {  // one of an earlier run may still be there
    name.cut(0);
    static_cast<void>(name.append(kPrivateFolderName) && name.append("/") &&
                      name.append(kTrashMark) && name.append(hex32(number++).view()));
  } while (!is_gone(files, name.c_str()) && !files.has_failed());
  return rename(files, path, name.c_str());
}

bool has_trash(FileSystem& files) noexcept {
  lfs::Info info;
  return find_entry(files, kPrivateFolderName, kTrashMark, info) > 0;
}

Result<std::optional<std::uint32_t>> empty_a_little(FileSystem& files,
                                                    std::uint32_t& number) noexcept {
  lfs::Info info;
  int found = find_entry(files, kPrivateFolderName, kTrashMark, info);
  if (found == 0 || found == lfs::kNoEntry) return std::optional<std::uint32_t>();
  if (found < 0) return writer_error(found);
  // Where an entry's name finds no room, its folder, of a name that is not ours, gets another.
  std::array<char, kTrashNameBytes + sizeof(info.name)> memory;
  PathBuffer path(memory);
  static_cast<void>(path.append(kPrivateFolderName) && path.append("/") && path.append(info.name));
  if (info.type != lfs::kTypeFile) {
    found = find_entry(files, path.c_str(), {}, info);
    if (found < 0) return writer_error(found);
    if (found > 0) {
      static_cast<void>(path.append("/") && path.append(info.name));
    } else {
      info.type = lfs::kTypeFolder;
    }
  }
  const Error error = remove_one(files, path.c_str());
  if (error == Error::none) {
    return std::optional(info.type == lfs::kTypeFile ? files.blocks_of(info.size) : kFolderBlocks);
  }
  if (error != Error::not_empty) return error;
  const Error thrown = throw_away(files, path.c_str(), number);
  if (thrown != Error::none) return thrown;
  return std::optional<std::uint32_t>(0);
}

}  // namespace wherry::storage::littlefs
