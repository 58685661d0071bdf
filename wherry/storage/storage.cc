// SPDX-License-Identifier: MIT
#include "wherry/storage/storage.h"

#include <algorithm>
#include <cstring>

namespace wherry::storage {

File& File::operator=(File&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

File::~File() {
  if (slot_ != nullptr) slot_->close();
}

const FileInfo& File::info() const noexcept { return slot_->info(); }

File::Read File::read(std::uint64_t offset, std::size_t size) noexcept {
  return Read(*slot_, offset, size);
}

coro::Task<> File::send_to(coro::Context& context, coro::Sink& sink, std::uint64_t offset,
                           std::uint64_t size) noexcept {
  return slot_->send_to(context, sink, offset, size);
}

Folder& Folder::operator=(Folder&& other) noexcept {
  std::swap(slot_, other.slot_);
  return *this;
}

Folder::~Folder() {
  if (slot_ != nullptr) slot_->close();
}

Folder::Read Folder::read(std::uint32_t max_entries) noexcept { return Read(*slot_, max_entries); }

StagedFile& StagedFile::operator=(StagedFile&& other) noexcept {
  std::swap(slot_, other.slot_);
  std::swap(size_, other.size_);
  std::swap(committed_, other.committed_);
  return *this;
}

StagedFile::~StagedFile() {
  if (slot_ != nullptr) slot_->close();
}

StagedFile::Write StagedFile::write(Bytes bytes) noexcept { return Write(*this, bytes); }

StagedFile::Room StagedFile::room() noexcept { return Room(*slot_); }

void StagedFile::filled(std::size_t size) noexcept {
  size_ += size;
  slot_->filled(size);
}

void WriterSlot::begin_sync(StagedFile::Sync& operation) noexcept {
  operation.finish(Error::not_implemented);
}
void WriterSlot::cancel_sync(StagedFile::Sync&) noexcept {}

StagedFile::Sync StagedFile::sync() noexcept { return Sync(*slot_); }

StagedFile::Commit StagedFile::commit(const CommitOptions& options) noexcept {
  return Commit(*this, options);
}

void StagedFile::Write::go_on() noexcept {
  while (!bytes_.empty()) {
    const MutableBytes room = file_->slot_->room();
    if (room.empty()) {
      file_->slot_->when_room(*this);
      return;
    }
    const std::size_t size = std::min(room.size(), bytes_.size());
    std::memcpy(room.data(), bytes_.data(), size);
    bytes_ = bytes_.subspan(size);
    file_->filled(size);
  }
  finish();
}

void StagedFile::Write::on_room(Error error) noexcept {
  if (error != Error::none) {
    finish(error);
  } else {
    go_on();
  }
}

Storage::Open Storage::open(std::string_view path, Scope scope, Freshness freshness) noexcept {
  return Open(*this, path, scope, freshness);
}

Storage::Create Storage::create(std::string_view path, const CreateOptions& options) noexcept {
  return Create(*this, path, options);
}

Storage::List Storage::list(std::string_view path, FolderPosition position, Scope scope) noexcept {
  return List(*this, path, position, scope);
}

Storage::Change Storage::remove(std::string_view path, const RemoveOptions& options) noexcept {
  return Change(*this, path, options);
}

Storage::Change Storage::move(std::string_view from, std::string_view to,
                              const MoveOptions& options) noexcept {
  return Change(*this, from, to, options);
}

Storage::Measure Storage::measure() noexcept { return Measure(*this); }

}  // namespace wherry::storage
