// SPDX-License-Identifier: MIT
// Reader: the slot of a file being read, or waiting to be. For this back end only.
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/slot.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::littlefs {

class Reader final : public ReaderSlot, public Slot {
 public:
  Reader(LittlefsStorage& storage, const SlotMemory& memory, std::string_view path) noexcept
      : Slot(storage, memory, path, Use::reads) {}

  void begin_open(Storage::Open& operation) noexcept;
  void cancel_open() noexcept;

  // Slot
  void go_on() noexcept override;
  void time_out() noexcept override {}  // who waits for a commit waits as long as that may

  // ReaderSlot
  const FileInfo& info() const noexcept override { return info_; }
  void begin_read(File::Read& operation) noexcept override;
  void cancel_read(File::Read&) noexcept override {}  // none is ever pending
  coro::Task<> send_to(coro::Context& context, coro::Sink& sink, std::uint64_t offset,
                       std::uint64_t size) noexcept override;
  void close() noexcept override;

 private:
  /// Returns: a view of the block; empty at the end of the file.
  Result<Bytes> read_now(std::uint64_t offset, std::uint64_t size) noexcept;
  /// The same; but the end of the file is an error.
  Result<Bytes> read_some(std::uint64_t offset, std::uint64_t size) noexcept;

  FileInfo info_;
  Storage::Open* open_ = nullptr;  // until it is open
};

}  // namespace wherry::storage::littlefs
