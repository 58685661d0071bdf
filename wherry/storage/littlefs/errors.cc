// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/errors.h"

#include "wherry/storage/littlefs/lfs.h"

namespace wherry::storage::littlefs {

Error reader_error(int code) noexcept {
  if (code >= 0) return Error::none;
  switch (code) {
    case lfs::kNoEntry:
    case lfs::kNoFolder:
    case lfs::kIsFolder:
    case lfs::kNameTooLong:
      return Error::not_found;
    case lfs::kNoMemory:
      return Error::busy;
    default:
      return Error::disk_failed;
  }
}

Error writer_error(int code) noexcept {
  if (code >= 0) return Error::none;
  switch (code) {
    case lfs::kNoSpace:
    case lfs::kFileTooBig:
      return Error::no_space;
    case lfs::kNoFolder:
    case lfs::kIsFolder:
    case lfs::kExists:
    case lfs::kNotEmpty:
      return Error::conflict;
    case lfs::kNameTooLong:  // longer than this medium was formatted for
      return Error::bad_path;
    case lfs::kNoMemory:
      return Error::busy;
    default:
      return Error::disk_failed;
  }
}

}  // namespace wherry::storage::littlefs
