// SPDX-License-Identifier: MIT
// Writer: the slot of a file being written, or waiting to take its name. For this back end only.
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

class Writer final : public WriterSlot, public Slot {
 public:
  Writer(LittlefsStorage& storage, const SlotMemory& memory, std::string_view path,
         std::uint32_t number) noexcept
      : Slot(storage, memory, path, Use::commits), staging_(number) {}

  Error create(std::optional<std::uint64_t> expected_size) noexcept;

  // Slot
  void go_on() noexcept override;
  void time_out() noexcept override;

  // WriterSlot
  MutableBytes room() noexcept override;
  void when_room(RoomWaiter& waiter) noexcept override { waiter.on_room(error_); }
  void cancel_when_room(RoomWaiter&) noexcept override {}  // none ever waits
  void filled(std::size_t size) noexcept override;
  void begin_commit(StagedFile::Commit& operation) noexcept override;
  void cancel_commit(StagedFile::Commit& operation) noexcept override;
  void close() noexcept override;

 private:
  Error open_staging() noexcept;
  Error close_staging(const CommitOptions& options) noexcept;
  Error take_name(const Expected& expected, Placed& placed) noexcept;
  void write_block() noexcept;
  void discard() noexcept;
  std::span<char> scratch() const noexcept;

  Staging staging_;
  std::uint64_t version_ = 0;
  std::uint32_t size_ = 0;                // bytes that littlefs has
  std::size_t filled_ = 0;                // bytes in the block
  bool is_open_ = false;                  // littlefs has it open
  bool is_staged_ = false;                // there is something to be removed
  Error error_ = Error::none;             // the first that there was
  StagedFile::Commit* commit_ = nullptr;  // while it waits for readers
};

}  // namespace wherry::storage::littlefs
