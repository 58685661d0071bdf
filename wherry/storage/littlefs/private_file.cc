// SPDX-License-Identifier: MIT
// Small files of the board's own, in the folder that belongs to the storage.
#include <cstring>

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/littlefs/staging.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {

// Opens the file, has `use` do its work, and closes it. A slot lends its cache and its path.
template <class Use>
Error LittlefsStorage::with_private(std::string_view name, int flags, Use use) noexcept {
  if (!files_.is_ready()) return Error::storage_unavailable;
  const MutableBytes place = slots_.take();
  if (place.empty()) return Error::no_slot;
  const SlotMemory memory = memory_of(place);
  PathBuffer path(memory.path);
  int code = lfs::kNameTooLong;
  if (path.append(kPrivateFolder) && path.append("/") && path.append(name)) {
    lfs::FileSystem* const files = files_.handle();
    lfs::File file{};
    lfs::FileConfig config{};
    config.buffer = memory.cache.data();
    code = files_.settled(lfs::file_open(files, &file, path.c_str(), flags, &config));
    if (code >= 0) {
      const int used = files_.settled(use(files, file));
      if (used < 0) file.flags |= lfs::kGivenUp;
      code = files_.settled(lfs::file_close(files, &file));
      if (used < 0) code = used;
    }
  }
  slots_.give_back(place.data());
  return flags == lfs::kReadOnly ? reader_error(code) : writer_error(code);
}

Result<MutableBytes> LittlefsStorage::read_private(std::string_view name,
                                                   MutableBytes into) noexcept {
  lfs::Size size = 0;
  const Error error =
      with_private(name, lfs::kReadOnly, [&](lfs::FileSystem* files, lfs::File& file) -> int {
        size = static_cast<lfs::Size>(lfs::file_size(files, &file));
        if (size > into.size()) return lfs::kOk;
        return lfs::file_read(files, &file, into.data(), size);
      });
  if (error != Error::none) return error;
  if (size > into.size()) return Error::content_too_large;
  return into.first(size);
}

Result<> LittlefsStorage::write_private(std::string_view name, Bytes bytes) noexcept {
  if (!files_.is_ready()) return Error::storage_unavailable;
  if (const Result<> made = make_private_folder(files_); !made) return made.error();
  // The old contents stay until the new ones are closed.
  const Error error =
      with_private(name, lfs::kNewFile, [&](lfs::FileSystem* files, lfs::File& file) -> int {
        return lfs::file_write(files, &file, bytes.data(), static_cast<lfs::Size>(bytes.size()));
      });
  return error == Error::none ? Result<>() : Result<>(error);
}

}  // namespace wherry::storage::littlefs
