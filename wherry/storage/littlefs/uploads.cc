// SPDX-License-Identifier: MIT
// What a Writer does for uploads that are gone on with. Apart from all else, so that a storage
// without them (Options::uploads) has none of it in flash.
#include <algorithm>
#include <cstring>

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/littlefs/writer.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {
namespace {

Result<> check(std::string_view path, bool may_be_root) noexcept {
  return may_be_root ? check_folder_path(Scope::uploads, path) : check_path(Scope::uploads, path);
}

}  // namespace

constinit const Uploads Writer::kUploads{
    .check = &check,
    .resume = &Writer::resume,
    .keep = &Writer::keep,
    .set_target = &Writer::set_target,
    .place = &Writer::place_upload,
};

// What is cut off goes with the next sync: until then the medium has it.
Error Writer::resume(std::uint64_t size) noexcept {
  if (!storage_.may_go(*this)) return Error::busy;
  is_upload_ = true;
  storage_.names_change();
  FileSystem& files = storage_.files();
  int code = open_upload(size);
  if (code == lfs::kNoEntry && size == 0) {
    const Result<> made = make_private_folder(files);
    if (!made) return made.error();
    code = files.settled(lfs::make_folder(files.handle(), kUploadsFolder.data()));
    if (code == lfs::kOk || code == lfs::kExists) code = open_upload(size);
  }
  if (code < 0) return code == lfs::kNameTooLong ? Error::no_space : writer_error(code);
  is_open_ = is_listed_ = true;
  storage_.opened(*this);
  return Error::none;
}

int Writer::open_upload(std::uint64_t size) noexcept {
  FileSystem& files = storage_.files();
  lfs::FileSystem* const handle = files.handle();
  size_ = begin_ = static_cast<std::uint32_t>(size);
  int code = files.settled(lfs::file_open(
      handle, &file_, path_c_str(), size == 0 ? lfs::kNewFile : lfs::kOldFile, &file_config_));
  if (code < 0 || size == 0) return code;
  code = files.settled(lfs::file_truncate(handle, &file_, size_));
  if (code >= 0) {
    const auto sought =
        lfs::file_seek(handle, &file_, static_cast<lfs::SignedOffset>(size_), lfs::kFromBegin);
    code = files.settled(static_cast<int>(std::min<lfs::SignedOffset>(sought, 0)));
  }
  if (code < 0) {
    file_.flags |= lfs::kGivenUp;
    lfs::file_close(handle, &file_);
  }
  return code;
}

// Metadata that tell of bytes must not be on the medium before these are. The staging of other
// files needs no such care: until they are renamed nobody believes in them.
Error Writer::keep() noexcept {
  FileSystem& files = storage_.files();
  lfs::FileSystem* const handle = files.handle();
  storage_.names_change();
  // To seek is to write down what is in the cache.
  auto code = lfs::file_seek(handle, &file_, 0, lfs::kFromBegin);
  if (code >= 0) code = files.sync_device();
  if (code >= 0) code = lfs::file_sync(handle, &file_);
  if (code >= 0) {
    code = lfs::file_seek(handle, &file_, static_cast<lfs::SignedOffset>(size_), lfs::kFromBegin);
  }
  const int result = files.settled(static_cast<int>(std::min<lfs::SignedOffset>(code, 0)));
  if (result == lfs::kOk) count_blocks();
  return writer_error(result);
}

// An upload has two names until it has been moved. The block, which holds nothing any more, keeps
// the old one.
Error Writer::set_target(std::string_view path) noexcept {
  if (!check_path(path) || path.size() >= memory_.path.size()) return Error::bad_path;
  if (is_upload_) {
    char* const old_path = reinterpret_cast<char*>(memory_.block.data());
    std::memcpy(old_path, path_.data(), path_.size() + 1);
    new_path_ = {old_path, path_.size()};
  }
  std::memcpy(memory_.path.data(), path.data(), path.size());
  memory_.path[path.size()] = '\0';
  path_ = {memory_.path.data(), path.size()};
  return Error::none;
}

Result<Placed> Writer::place_upload() noexcept {
  FileSystem& files = storage_.files();
  const Result<Entry> there = look_at(files, path_c_str());
  if (!there) return there.error();
  if (there->kind == Entry::Kind::folder) return Error::conflict;
  const Result<std::uint32_t> made_folders =
      move_into_place(files, new_path_.data(), memory_.path.first(path_.size() + 1));
  if (!made_folders) return made_folders.error();
  return Placed{.replaced = there->kind == Entry::Kind::file,
                .replaced_size = there->size,
                .made_folders = *made_folders};
}

}  // namespace wherry::storage::littlefs
