// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/slot.h"

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/littlefs/known_file.h"
#include "wherry/storage/littlefs/littlefs_storage.h"

namespace wherry::storage::littlefs {

Result<> Slot::check_expected(const Expected& expected) noexcept {
  if (expected.kind == Expected::Kind::anything) return {};
  FileSystem& files = storage_.files();
  FileInfo info;
  const int code = open_known(files, file_, file_config_, path_c_str(), info);
  if (code == lfs::kOk) lfs::file_close(files.handle(), &file_);
  if (code < 0 && code != lfs::kNoEntry) return writer_error(code);
  const auto there =
      code == lfs::kNoEntry ? std::optional<std::uint64_t>() : std::optional(info.version);
  return expected.is_met_by(there) ? Result<>() : Result<>(Error::precondition_failed);
}

}  // namespace wherry::storage::littlefs
