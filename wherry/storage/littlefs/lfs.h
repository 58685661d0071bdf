// SPDX-License-Identifier: MIT
// littlefs under one set of names: upstream's begin with lfs_, those in Debian's sources with
// lfs2_. The only file here that includes either.
#pragma once

#include <cstdint>

#if __has_include(<lfs2.h>)
#include <lfs2.h>
#define WHERRY_LFS(name) lfs2_##name
#define WHERRY_LFS_CONSTANT(name) LFS2_##name
using WherryLfsFileSystem = lfs2_t;
#else
#include <lfs.h>
#define WHERRY_LFS(name) lfs_##name
#define WHERRY_LFS_CONSTANT(name) LFS_##name
using WherryLfsFileSystem = lfs_t;
#endif

static_assert(WHERRY_LFS_CONSTANT(VERSION) >> 16 == 2 && WHERRY_LFS_CONSTANT(VERSION) >= 0x00020008,
              "littlefs v2.8 or a later v2 is needed");

namespace wherry::storage::littlefs::lfs {

using FileSystem = WherryLfsFileSystem;
using Config = struct WHERRY_LFS(config);
using File = WHERRY_LFS(file_t);
using Attribute = struct WHERRY_LFS(attr);
using FileConfig = struct WHERRY_LFS(file_config);
using Folder = WHERRY_LFS(dir_t);
using Info = struct WHERRY_LFS(info);
using Block = WHERRY_LFS(block_t);
using Offset = WHERRY_LFS(off_t);
using SignedOffset = WHERRY_LFS(soff_t);
using Size = WHERRY_LFS(size_t);

enum Code : int {
  kOk = WHERRY_LFS_CONSTANT(ERR_OK),
  kIo = WHERRY_LFS_CONSTANT(ERR_IO),
  kCorrupt = WHERRY_LFS_CONSTANT(ERR_CORRUPT),
  kNoEntry = WHERRY_LFS_CONSTANT(ERR_NOENT),
  kExists = WHERRY_LFS_CONSTANT(ERR_EXIST),
  kNoFolder = WHERRY_LFS_CONSTANT(ERR_NOTDIR),
  kIsFolder = WHERRY_LFS_CONSTANT(ERR_ISDIR),
  kNotEmpty = WHERRY_LFS_CONSTANT(ERR_NOTEMPTY),
  kFileTooBig = WHERRY_LFS_CONSTANT(ERR_FBIG),
  kInvalid = WHERRY_LFS_CONSTANT(ERR_INVAL),
  kNoSpace = WHERRY_LFS_CONSTANT(ERR_NOSPC),
  kNoMemory = WHERRY_LFS_CONSTANT(ERR_NOMEM),
  kNameTooLong = WHERRY_LFS_CONSTANT(ERR_NAMETOOLONG),
};

inline constexpr int kTypeFile = WHERRY_LFS_CONSTANT(TYPE_REG);
inline constexpr int kTypeFolder = WHERRY_LFS_CONSTANT(TYPE_DIR);
inline constexpr int kReadOnly = WHERRY_LFS_CONSTANT(O_RDONLY);
inline constexpr int kNewFile =
    WHERRY_LFS_CONSTANT(O_WRONLY) | WHERRY_LFS_CONSTANT(O_CREAT) | WHERRY_LFS_CONSTANT(O_TRUNC);
inline constexpr int kOldFile = WHERRY_LFS_CONSTANT(O_WRONLY);
// A flag of an open file: littlefs writes nothing of it any more, also not when it is closed.
inline constexpr auto kGivenUp = static_cast<std::uint32_t>(WHERRY_LFS_CONSTANT(F_ERRED));
// Its bytes lie in its folder's block, and while it is open in its cache.
inline constexpr auto kInline = static_cast<std::uint32_t>(WHERRY_LFS_CONSTANT(F_INLINE));
// What is known of it differs from what is on the medium: its close writes it.
inline constexpr auto kToBeWritten = static_cast<std::uint32_t>(WHERRY_LFS_CONSTANT(F_DIRTY));
inline constexpr int kFromBegin = WHERRY_LFS_CONSTANT(SEEK_SET);
inline constexpr Block kNoBlock = ~Block{0};  // what a cache holds that is empty
inline constexpr Size kMaxFileBytes = WHERRY_LFS_CONSTANT(FILE_MAX);

inline constexpr auto* format = &WHERRY_LFS(format);
inline constexpr auto* mount = &WHERRY_LFS(mount);
inline constexpr auto* unmount = &WHERRY_LFS(unmount);
inline constexpr auto* make_consistent = &WHERRY_LFS(fs_mkconsistent);
inline constexpr auto* find_free_blocks = &WHERRY_LFS(fs_gc);
inline constexpr auto* used_blocks = &WHERRY_LFS(fs_size);
inline constexpr auto* traverse = &WHERRY_LFS(fs_traverse);
inline constexpr auto* remove = &WHERRY_LFS(remove);
inline constexpr auto* rename = &WHERRY_LFS(rename);
inline constexpr auto* stat = &WHERRY_LFS(stat);
inline constexpr auto* make_folder = &WHERRY_LFS(mkdir);
inline constexpr auto* file_open = &WHERRY_LFS(file_opencfg);
inline constexpr auto* file_close = &WHERRY_LFS(file_close);
inline constexpr auto* file_read = &WHERRY_LFS(file_read);
inline constexpr auto* file_write = &WHERRY_LFS(file_write);
inline constexpr auto* file_seek = &WHERRY_LFS(file_seek);
inline constexpr auto* file_sync = &WHERRY_LFS(file_sync);
inline constexpr auto* file_truncate = &WHERRY_LFS(file_truncate);
inline constexpr auto* file_size = &WHERRY_LFS(file_size);
inline constexpr auto* folder_open = &WHERRY_LFS(dir_open);
inline constexpr auto* folder_read = &WHERRY_LFS(dir_read);
inline constexpr auto* folder_close = &WHERRY_LFS(dir_close);

}  // namespace wherry::storage::littlefs::lfs

#undef WHERRY_LFS
#undef WHERRY_LFS_CONSTANT
