// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/reader.h"

#include <algorithm>
#include <utility>

#include "wherry/storage/littlefs/errors.h"
#include "wherry/storage/littlefs/known_file.h"
#include "wherry/storage/littlefs/littlefs_storage.h"

namespace wherry::storage::littlefs {

void Reader::begin_open(Storage::Open& operation) noexcept {
  open_ = &operation;
  operation.set_slot(this);
  if (storage_.may_go(*this)) {
    go_on();
  } else {
    storage_.wait(*this);
  }
}

void Reader::go_on() noexcept {
  Storage::Open& operation = *std::exchange(open_, nullptr);
  const Error error =
      reader_error(open_known(storage_.files(), file_, file_config_, path_c_str(), info_));
  if (error != Error::none) {
    storage_.give_back(*this);
    return operation.finish(error);
  }
  storage_.opened(*this);
  operation.succeed(*this);
}

void Reader::cancel_open() noexcept {
  storage_.stop_waiting(*this);
  storage_.give_back(*this);
}

Result<Bytes> Reader::read_now(std::uint64_t offset, std::uint64_t size) noexcept {
  if (offset >= info_.size) return Bytes();
  lfs::FileSystem* files = storage_.files().handle();
  const auto sought =
      lfs::file_seek(files, &file_, static_cast<lfs::SignedOffset>(offset), lfs::kFromBegin);
  if (sought < 0) return reader_error(sought);
  const auto wanted = static_cast<lfs::Size>(std::min<std::uint64_t>(size, memory_.block.size()));
  const auto count = lfs::file_read(files, &file_, memory_.block.data(), wanted);
  if (count < 0) return Error::disk_failed;
  return Bytes(memory_.block.first(static_cast<std::size_t>(count)));
}

Result<Bytes> Reader::read_some(std::uint64_t offset, std::uint64_t size) noexcept {
  const Result<Bytes> bytes = read_now(offset, size);
  return bytes && bytes->empty() ? Result<Bytes>(Error::disk_failed) : bytes;
}

void Reader::begin_read(File::Read& operation) noexcept {
  const Result<Bytes> bytes = read_now(operation.offset(), operation.size());
  if (bytes) {
    operation.succeed(*bytes);
  } else {
    operation.finish(bytes.error());
  }
}

coro::Task<> Reader::send_to(coro::Context&, coro::Sink& sink, std::uint64_t offset,
                             std::uint64_t size) noexcept {
  const std::uint64_t end = offset + size;
  while (offset < end) {
    const Bytes bytes = co_await read_some(offset, end - offset);
    offset += bytes.size();
    co_await sink.write(bytes);
  }
}

void Reader::close() noexcept {
  LittlefsStorage& storage = storage_;
  lfs::file_close(storage.files().handle(), &file_);
  storage.closed(*this);
}

}  // namespace wherry::storage::littlefs
