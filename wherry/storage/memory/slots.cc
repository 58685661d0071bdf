// SPDX-License-Identifier: MIT
#include "wherry/storage/memory/slots.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/path.h"

namespace wherry::storage::memory {

void Deferred::end_soon() noexcept {
  WHERRY_ASSERT(!is_under_way_);
  if (mailbox_ == nullptr) return ended();
  is_under_way_ = true;
  mailbox_->post(*this);
}

void Deferred::run_on_loop(coro::Completion& completion) noexcept {
  auto& self = static_cast<Deferred&>(completion);
  self.is_under_way_ = false;
  self.ended();
}

// ---------------------------------------------------------------- Reader

void Reader::begin_open(Storage::Open& operation) noexcept {
  open_ = &operation;
  error_ = storage_.next_fault();
  const MemoryStorage::Name* name = storage_.find(operation.path());
  if (error_ == Error::none && name == nullptr) error_ = Error::not_found;
  if (error_ == Error::none) {
    version_ = name->version;
    ++version_->references;
    block_ = version_->first;
  }
  end_soon();
}

void Reader::end_open() noexcept {
  Storage::Open* operation = std::exchange(open_, nullptr);
  const Error error = error_;
  if (operation == nullptr || error != Error::none) leave();
  if (operation == nullptr) return;
  if (error != Error::none) {
    operation->finish(error);
  } else {
    is_open_ = true;
    operation->succeed(*this);
  }
}

void Reader::begin_read(File::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == nullptr);
  read_ = &operation;
  error_ = storage_.next_fault();
  // The end of a read that nobody waits for any more may still be in the mailbox: it serves.
  if (!is_under_way()) end_soon();
}

void Reader::cancel_read(File::Read& operation) noexcept {
  WHERRY_ASSERT(read_ == &operation);
  read_ = nullptr;
}

Bytes Reader::view(std::uint64_t offset, std::size_t size) noexcept {
  if (offset >= version_->info.size) return {};
  if (offset < block_begin_) {
    block_begin_ = 0;
    block_ = version_->first;
  }
  const std::size_t block_bytes = storage_.block_bytes();
  while (offset - block_begin_ >= block_bytes) {
    block_begin_ += block_bytes;
    block_ = storage_.next_block_[block_];
  }
  const auto from = static_cast<std::size_t>(offset - block_begin_);
  const std::uint64_t rest = version_->info.size - offset;
  const std::size_t in_block = std::min(size, block_bytes - from);
  return storage_.block(block_).subspan(
      from, static_cast<std::size_t>(std::min<std::uint64_t>(in_block, rest)));
}

void Reader::ended() noexcept {
  if (!is_open_) return end_open();
  if (is_closing_) return leave();
  File::Read* operation = std::exchange(read_, nullptr);
  if (operation == nullptr) return;
  if (error_ != Error::none) {
    operation->finish(error_);
  } else {
    operation->succeed(view(operation->offset(), operation->size()));
  }
}

coro::Task<> Reader::send_to(coro::Context&, coro::Sink& sink, std::uint64_t offset,
                             std::uint64_t size) noexcept {
  while (size > 0) {
    const std::uint64_t wanted = std::min<std::uint64_t>(size, storage_.block_bytes());
    const Bytes bytes = co_await File::Read(*this, offset, static_cast<std::size_t>(wanted));
    if (bytes.empty()) co_await Result<>(Error::disk_failed);
    co_await sink.write(bytes);
    offset += bytes.size();
    size -= bytes.size();
  }
}

void Reader::close() noexcept {
  is_closing_ = true;
  if (!is_under_way()) leave();
}

void Reader::leave() noexcept {
  MemoryStorage& storage = storage_;
  if (version_ != nullptr) storage.release(*version_);
  std::destroy_at(this);
  storage.give_back(reinterpret_cast<std::byte*>(this));
}

// ---------------------------------------------------------------- Writer

Writer::Writer(MemoryStorage& storage, std::span<char> path_memory, std::string_view path) noexcept
    : Deferred(storage, storage.mailbox()), path_(path_memory.data(), path.size()) {
  std::memcpy(path_memory.data(), path.data(), path.size());
}

void Writer::begin_create(Storage::Create& operation) noexcept {
  create_ = &operation;
  const CreateOptions& options = operation.options();
  error_ = storage_.next_fault();
  if (error_ == Error::none) error_ = error_of(storage_.check_create(path_, options));
  const MemoryStorage::Name* name = options.resume_at ? storage_.find(path_) : nullptr;
  if (name != nullptr && name->version->references > 1) error_ = Error::busy;
  if (error_ == Error::none && options.is_trial) {
    // There is nothing more to be found out.
  } else if (error_ == Error::none && options.resume_at.value_or(0) > 0) {
    error_ = resume(*options.resume_at);
  } else if (error_ == Error::none) {
    version_ = storage_.make_version();
    WHERRY_ASSERT(version_ != nullptr);  // one for each slot
    if (options.resume_at) error_ = error_of(storage_.give_name(path_, *version_, {}));
  }
  is_named_ = options.resume_at.has_value();
  end_soon();
}

// The file is there under its name: it grows where it is.
Error Writer::resume(std::uint64_t size) noexcept {
  const MemoryStorage::Name* name = storage_.find(path_);
  if (name == nullptr || name->version->info.size < size) return Error::not_found;
  version_ = name->version;
  ++version_->references;
  filled_in_block_ = storage_.truncate(*version_, size);
  has_room_ = filled_in_block_ > 0;
  return Error::none;
}

void Writer::end_create() noexcept {
  Storage::Create* operation = std::exchange(create_, nullptr);
  const Error error = error_;
  if (operation == nullptr || error != Error::none) leave();
  if (operation == nullptr) return;
  if (error != Error::none) {
    operation->finish(error);
  } else {
    is_open_ = true;
    operation->succeed(*this);
  }
}

// Where operations end later, so does the taking of a block.
MutableBytes Writer::room() noexcept {
  if (!has_room_ && error_ == Error::none && storage_.mailbox() == nullptr) take_block();
  if (!has_room_) return {};
  return storage_.block(version_->last).subspan(filled_in_block_);
}

void Writer::take_block() noexcept {
  error_ = storage_.next_fault();
  if (error_ == Error::none && !storage_.append_block(*version_)) error_ = Error::no_space;
  has_room_ = error_ == Error::none;
  filled_in_block_ = 0;
}

void Writer::when_room(RoomWaiter& waiter) noexcept {
  if (error_ != Error::none || !room().empty()) return waiter.on_room(error_);
  room_waiter_ = &waiter;
  if (!is_under_way()) end_soon();
}

void Writer::cancel_when_room(RoomWaiter& waiter) noexcept {
  WHERRY_ASSERT(room_waiter_ == &waiter);
  room_waiter_ = nullptr;
}

void Writer::filled(std::size_t size) noexcept {
  WHERRY_ASSERT(size <= room().size());
  filled_in_block_ += size;
  version_->info.size += size;
  has_room_ = filled_in_block_ < storage_.block_bytes();
}

void Writer::begin_sync(StagedFile::Sync& operation) noexcept {
  sync_ = &operation;
  if (!is_under_way()) end_soon();
}

void Writer::cancel_sync(StagedFile::Sync& operation) noexcept {
  WHERRY_ASSERT(sync_ == &operation);
  sync_ = nullptr;
}

void Writer::end_sync() noexcept {
  if (error_ == Error::none) error_ = storage_.next_fault();
  std::exchange(sync_, nullptr)->finish(error_);
}

void Writer::begin_commit(StagedFile::Commit& operation) noexcept {
  commit_ = &operation;
  if (!is_under_way()) end_soon();
}

void Writer::cancel_commit(StagedFile::Commit& operation) noexcept {
  WHERRY_ASSERT(commit_ == &operation);
  commit_ = nullptr;
}

Result<Committed> Writer::give_name(const CommitOptions& options) noexcept {
  if (options.path.empty()) return storage_.give_name(path_, *version_, options);
  const Result<> checked = check_path(options.path);
  if (!checked || options.path.size() > storage_.path_bytes_) return Error::bad_path;
  const MemoryStorage::Name* own = is_named_ ? storage_.find(path_) : nullptr;
  if (is_named_ && (own == nullptr || own->version != version_)) return Error::not_found;
  const Result<Committed> named = storage_.give_name(options.path, *version_, options);
  if (named && is_named_) storage_.forget(path_);
  return named;
}

void Writer::end_commit() noexcept {
  if (error_ == Error::none) error_ = storage_.next_fault();
  if (error_ == Error::none) {
    const Result<Committed> named = give_name(commit_->options());
    error_ = error_of(named);
    if (named) committed_ = *named;
  }
  StagedFile::Commit* operation = std::exchange(commit_, nullptr);
  if (error_ == Error::none) {
    operation->succeed(committed_);
  } else {
    operation->finish(error_);
  }
}

void Writer::ended() noexcept {
  if (!is_open_) return end_create();
  if (is_closing_) return leave();
  if (sync_ != nullptr) return end_sync();
  if (commit_ != nullptr) return end_commit();
  if (room_waiter_ == nullptr) return;
  if (!has_room_ && error_ == Error::none) take_block();
  std::exchange(room_waiter_, nullptr)->on_room(error_);
}

void Writer::close() noexcept {
  is_closing_ = true;
  let_go();
  if (!is_under_way()) leave();
}

void Writer::cancel_create() noexcept {
  create_ = nullptr;
  let_go();
}

// At once: who comes next may go on with it.
void Writer::let_go() noexcept {
  if (version_ != nullptr) storage_.release(*std::exchange(version_, nullptr));
}

void Writer::leave() noexcept {
  MemoryStorage& storage = storage_;
  let_go();
  std::destroy_at(this);
  storage.give_back(reinterpret_cast<std::byte*>(this));
}

}  // namespace wherry::storage::memory
