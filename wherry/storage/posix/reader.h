// SPDX-License-Identifier: MIT
// Reader: the slot of a file opened for reading. Does on the loop what cannot wait, and asks the
// disk threads for the rest, into blocks that belong to the slot.
// Invariant: while a job is under way the slot and its blocks stay, whoever has gone.
#pragma once

#include <cstdint>

#include "wherry/storage/posix/disk_threads.h"
#include "wherry/storage/posix/round_files.h"
#include "wherry/storage/posix/stored_file.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class PosixStorage;

class Reader final : public ReaderSlot, private Job {
 public:
  explicit Reader(PosixStorage& storage) noexcept : storage_(storage) {}

  /// Opens the operation's path, which passed check_path, and ends the operation; a slot that could
  /// not open goes back to the storage by itself.
  void begin_open(Storage::Open& operation) noexcept;
  /// The operation has gone; what it asked for is undone when its job ends.
  void cancel_open() noexcept { open_ = nullptr; }

  // ReaderSlot
  const FileInfo& info() const noexcept override { return file_.info(); }
  void begin_read(File::Read& operation) noexcept override;
  void cancel_read(File::Read& operation) noexcept override;
  coro::Task<> send_to(coro::Context& context, coro::Sink& sink, std::uint64_t offset,
                       std::uint64_t size) noexcept override;
  void close() noexcept override;

 private:
  enum class Work : std::uint8_t { none, open, look_for_crc32, read, close };

  void work() noexcept override;
  void done() noexcept override;

  void submit(Work work) noexcept;
  bool find_in_round() noexcept;
  void look_for_crc32() noexcept;
  void end_open(Result<> result) noexcept;
  void end_read() noexcept;
  void start_read() noexcept;
  MutableBytes block_for(std::uint64_t offset, std::size_t size) noexcept;
  MutableBytes small_block() noexcept;
  void give_back_blocks() noexcept;
  void leave() noexcept;  // the last thing that a slot does

  PosixStorage& storage_;
  MutableBytes small_block_;  // empty: none is lent
  MutableBytes large_block_;  // the same
  StoredFile file_;
  Bytes content_;            // of a file that was read for another (RoundFiles): all, in the block
  RoundFiles::Place place_;  // for what this one reads

  Storage::Open* open_ = nullptr;
  File::Read* read_ = nullptr;
  bool is_closing_ = false;
  bool is_sending_ = false;    // what follows a read is wanted next
  bool is_abandoned_ = false;  // nobody waits any more for the read under way

  // What the job does. Only its own side touches these while one is under way.
  Work work_ = Work::none;
  std::uint64_t work_offset_ = 0;
  MutableBytes work_block_;
  bool reads_ahead_ = false;
  std::size_t work_size_ = 0;
  Error work_error_ = Error::none;
};

}  // namespace wherry::storage::posix
