// SPDX-License-Identifier: MIT
// Writer: the slot of a file being written, or waiting to take its name. For this back end only.
//
// An upload that is gone on with is in the list of readers while it is open: so nobody else opens
// it, or removes it. While its commit waits, it is in that list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/slot.h"
#include "wherry/storage/littlefs/staging.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::littlefs {

class Writer;

/// What a storage needs for Scope::uploads.
struct Uploads {
  /// Errors: bad_path.
  Result<> (*check)(std::string_view path, bool may_be_root) noexcept;
  Error (Writer::*resume)(std::uint64_t size) noexcept;
  Error (Writer::*keep)() noexcept;
  Error (Writer::*set_target)(std::string_view path) noexcept;
  Result<Placed> (Writer::*place)() noexcept;
};

class Writer final : public WriterSlot, public Slot {
 public:
  Writer(LittlefsStorage& storage, const SlotMemory& memory, std::string_view path,
         std::uint32_t number) noexcept
      : Slot(storage, memory, path, Use::commits), staging_(number) {}

  static const Uploads kUploads;

  Error create(const CreateOptions& options) noexcept;

  // Slot
  void go_on() noexcept override;
  void time_out() noexcept override;

  // WriterSlot
  MutableBytes room() noexcept override;
  void when_room(RoomWaiter& waiter) noexcept override { waiter.on_room(error_); }
  void cancel_when_room(RoomWaiter&) noexcept override {}  // none ever waits
  void filled(std::size_t size) noexcept override;
  void begin_sync(StagedFile::Sync& operation) noexcept override;
  void cancel_sync(StagedFile::Sync&) noexcept override {}  // none is ever pending
  void begin_commit(StagedFile::Commit& operation) noexcept override;
  void cancel_commit(StagedFile::Commit& operation) noexcept override;
  void close() noexcept override;

 private:
  Error open_staging() noexcept;
  void leave_readers() noexcept;
  void count_blocks() noexcept;
  Error close_staging(const CommitOptions& options) noexcept;
  Error take_name(const Expected& expected, Placed& placed) noexcept;
  void write_block() noexcept;
  void discard() noexcept;
  std::span<char> scratch() const noexcept;

  // Of uploads that are gone on with.
  Error resume(std::uint64_t size) noexcept;
  int open_upload(std::uint64_t size) noexcept;
  Error keep() noexcept;
  Error set_target(std::string_view path) noexcept;
  Result<Placed> place_upload() noexcept;

  Staging staging_;
  std::uint64_t version_ = 0;
  std::uint32_t size_ = 0;                // bytes that littlefs has
  std::uint32_t begin_ = 0;               // of these, those that were there before
  std::uint32_t counted_blocks_ = 0;      // those that the storage knows of
  bool is_upload_ = false;                // stays, unless it is committed
  bool is_listed_ = false;                // among the readers
  std::size_t filled_ = 0;                // bytes in the block
  bool is_open_ = false;                  // littlefs has it open
  bool is_staged_ = false;                // there is something to be removed
  Error error_ = Error::none;             // the first that there was
  StagedFile::Commit* commit_ = nullptr;  // while it waits for readers
};

}  // namespace wherry::storage::littlefs
