// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/writer.h"

#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/littlefs/known_file.h"
#include "wherry/storage/littlefs/littlefs_storage.h"

namespace wherry::storage::littlefs {

// ---------------------------------------------------------------- create

Error Writer::create(const CreateOptions& options) noexcept {
  if (storage_.files().has_failed()) return Error::disk_failed;
  const Result<Entry> there = look_at(storage_.files(), path_c_str());
  if (!there) return there.error();
  if (there->kind == Entry::Kind::folder) return Error::conflict;
  const std::uint64_t at = options.resume_at.value_or(0);
  if (options.expected_size && *options.expected_size > at) {
    const Result<> fits = storage_.check_space(*options.expected_size - at);
    if (!fits) return fits.error();
  }
  if (options.is_trial) return Error::none;
  if (!options.resume_at) return open_staging();
  counted_blocks_ = storage_.files().blocks_of(there->size);
  return at > there->size ? Error::not_found : (this->*storage_.uploads().resume)(at);
}

Error Writer::open_staging() noexcept {
  FileSystem& files = storage_.files();
  const auto open = [&] {
    return files.settled(
        lfs::file_open(files.handle(), &file_, staging_.name(), lfs::kNewFile, &file_config_));
  };
  int code = open();
  if (code == lfs::kNoEntry) {
    const Result<> made = make_private_folder(files);
    if (!made) return made.error();
    code = open();
  }
  // What littlefs says when the metadata of a new name finds no room; ours is never too long.
  if (code == lfs::kNameTooLong) return Error::no_space;
  is_open_ = is_staged_ = code == lfs::kOk;
  return writer_error(code);
}

// ---------------------------------------------------------------- write

MutableBytes Writer::room() noexcept {
  if (error_ != Error::none) return {};
  return memory_.block.subspan(filled_);
}

void Writer::filled(std::size_t size) noexcept {
  WHERRY_ASSERT(size <= memory_.block.size() - filled_);
  filled_ += size;
  if (filled_ == memory_.block.size()) write_block();
}

void Writer::write_block() noexcept {
  const auto size = static_cast<lfs::Size>(std::exchange(filled_, 0));
  if (error_ == Error::none && storage_.files().has_failed()) error_ = Error::disk_failed;
  if (error_ != Error::none || size == 0) return;
  FileSystem& files = storage_.files();
  error_ = writer_error(
      files.settled(lfs::file_write(files.handle(), &file_, memory_.block.data(), size)));
  size_ += size;
}

// ---------------------------------------------------------------- sync

void Writer::begin_sync(StagedFile::Sync& operation) noexcept {
  WHERRY_ASSERT(is_open_ && is_upload_);
  write_block();
  if (error_ == Error::none) error_ = (this->*storage_.uploads().keep)();
  operation.finish(error_);
}

// Of a file that grows.
void Writer::count_blocks() noexcept {
  const std::uint32_t blocks = storage_.files().blocks_of(size_);
  storage_.lost(counted_blocks_);
  storage_.gained(blocks);
  counted_blocks_ = blocks;
}

// ---------------------------------------------------------------- commit

void Writer::begin_commit(StagedFile::Commit& operation) noexcept {
  WHERRY_ASSERT(is_open_ && !(is_upload_ && operation.options().path.empty()));
  commit_ = &operation;
  write_block();
  if (error_ == Error::none && is_upload_) error_ = (this->*storage_.uploads().keep)();
  if (error_ == Error::none && !operation.options().path.empty()) {
    error_ = storage_.has_uploads()
                 ? (this->*storage_.uploads().set_target)(operation.options().path)
                 : Error::not_implemented;
  }
  if (error_ == Error::none) error_ = close_staging(operation.options());
  leave_readers();
  if (error_ != Error::none || storage_.may_go(*this)) return go_on();
  deadline_ms_ = storage_.commit_deadline_ms();
  storage_.wait(*this);
}

void Writer::leave_readers() noexcept {
  if (std::exchange(is_listed_, false)) storage_.readers_.remove(*this);
}

Error Writer::close_staging(const CommitOptions& options) noexcept {
  is_open_ = false;
  version_ = storage_.new_version(size_, options.crc32);
  return writer_error(close_known(storage_.files(), file_, file_config_,
                                  {.version = version_, .crc32 = options.crc32}));
}

void Writer::go_on() noexcept {
  StagedFile::Commit& operation = *std::exchange(commit_, nullptr);
  Placed placed;
  if (error_ == Error::none && storage_.files().has_failed()) error_ = Error::disk_failed;
  if (error_ == Error::none) error_ = take_name(operation.options().expected, placed);
  if (error_ != Error::none) {
    discard();
    return operation.finish(error_);
  }
  is_staged_ = false;
  count_blocks();
  storage_.gained(kFolderBlocks * placed.made_folders);
  if (placed.replaced) storage_.lost(storage_.files().blocks_of(placed.replaced_size));
  operation.succeed({.replaced = placed.replaced, .version = version_});
}

Error Writer::take_name(const Expected& expected, Placed& placed) noexcept {
  if (const Result<> met = check_expected(expected); !met) return met.error();
  storage_.names_change();
  const Result<Placed> step =
      is_upload_
          ? (this->*storage_.uploads().place)()
          : staging_.place(storage_.files(), memory_.path.first(path_.size() + 1), scratch());
  if (step) placed = *step;
  return error_of(step);
}

void Writer::time_out() noexcept {
  error_ = Error::busy;
  go_on();
}

void Writer::cancel_commit(StagedFile::Commit& operation) noexcept {
  WHERRY_ASSERT(commit_ == &operation);
  commit_ = nullptr;
  storage_.stop_waiting(*this);
}

// ---------------------------------------------------------------- close

// After a failure of the device, what is staged is left to the sweep of the mount that follows.
void Writer::discard() noexcept {
  FileSystem& files = storage_.files();
  if (std::exchange(is_open_, false)) {
    file_.flags |= lfs::kGivenUp;
    files.settled(lfs::file_close(files.handle(), &file_));
  }
  if (std::exchange(is_staged_, false) && !files.has_failed()) staging_.remove(files, scratch());
}

void Writer::close() noexcept {
  WHERRY_ASSERT(commit_ == nullptr);
  discard();
  leave_readers();
  LittlefsStorage& storage = storage_;
  storage.written(size_ - begin_);
  storage.give_back(*this);
  storage.go_on_with_waiting();
}

// The block holds nothing any more when a path is needed.
std::span<char> Writer::scratch() const noexcept {
  return {reinterpret_cast<char*>(memory_.block.data()), memory_.block.size()};
}

}  // namespace wherry::storage::littlefs
