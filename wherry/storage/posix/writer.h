// SPDX-License-Identifier: MIT
// Writer: the slot of a file being written. Gathers bytes in a block on the loop while a disk
// thread writes the block before; when that is slower, another full block waits for it, so that the
// thread goes on without a turn of the loop.
//
// A block is first a small one; when that is full and the pool has a large one, the bytes move
// there. An upload has two large blocks at most. A small file never takes a large block, and
// reaches the disk in one job: the commit; unless very many wait for their bytes
// (waiting_writers.h). Who has gathered none holds no small block. Errors stay: the next room,
// write or commit tells them. Where files live in memory, what is about few bytes is done on the
// loop, which takes less time than to ask a thread. Invariant: while a job is under way the slot
// and its blocks stay, whoever has gone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <variant>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/disk_threads.h"
#include "wherry/storage/posix/staging_file.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class PosixStorage;

class Writer final : public WriterSlot, private Job {
 public:
  /// `path` passed check_path; `long_path`: kMaxPathBytes, the slot's.
  Writer(PosixStorage& storage, char* long_path, std::string_view path) noexcept
      : storage_(storage), file_(path, long_path) {}

  /// Makes the file and ends the operation; a slot that could not goes back to the storage by
  /// itself.
  void begin_create(Storage::Create& operation) noexcept;
  /// The operation has gone; what it asked for is undone when its job ends.
  void cancel_create() noexcept { create_ = nullptr; }

  // WriterSlot
  MutableBytes room() noexcept override;
  void put_off() noexcept override;
  void when_room(RoomWaiter& waiter) noexcept override;
  void cancel_when_room(RoomWaiter& waiter) noexcept override;
  void filled(std::size_t size) noexcept override;
  void begin_sync(StagedFile::Sync& operation) noexcept override;
  void cancel_sync(StagedFile::Sync& operation) noexcept override;
  void begin_commit(StagedFile::Commit& operation) noexcept override;
  void cancel_commit(StagedFile::Commit& operation) noexcept override;
  void close() noexcept override;

 private:
  friend class WaitingWriters;

  enum class Work : std::uint8_t { none, create, sync, commit, discard };

  /// A piece of memory, and how much of it is data.
  struct Block {
    enum class Kind : std::uint8_t { none, small, large };

    Block() = default;
    Block(Kind its_kind, MutableBytes memory) noexcept
        : begin(memory.data()),
          capacity(static_cast<std::uint32_t>(memory.size())),
          kind(memory.empty() ? Kind::none : its_kind) {
      WHERRY_ASSERT(memory.size() <= UINT32_MAX);
    }

    bool is_lent() const noexcept { return kind != Kind::none; }
    bool is_small() const noexcept { return kind == Kind::small; }
    bool is_full() const noexcept { return is_lent() && size == capacity; }
    Bytes data() const noexcept { return {begin, size}; }
    MutableBytes room() const noexcept { return {begin + size, capacity - size}; }

    std::byte* begin = nullptr;
    std::uint32_t capacity = 0;
    std::uint32_t size = 0;
    Kind kind = Kind::none;
  };

  /// The writing of one full block.
  class BlockJob final : public Job {
   public:
    explicit BlockJob(Writer& writer) noexcept : writer_(writer) {}
    void work() noexcept override;
    void done() noexcept override { writer_.end_write(*this); }

    Block block;
    Error error = Error::none;

   private:
    Writer& writer_;
  };

  void work() noexcept override;
  void done() noexcept override;

  void submit(Work work) noexcept;
  bool is_quick(Work work) const noexcept;
  bool is_busy() const noexcept { return work_ != Work::none || writes_under_way_ > 0; }
  void end_create() noexcept;
  void end_write(BlockJob& job) noexcept;
  void end_sync() noexcept;
  void end_commit() noexcept;
  void take_block() noexcept;
  Block take_large() noexcept;
  void grow_or_write() noexcept;
  void write_block() noexcept;
  void no_longer_waits() noexcept;
  void spill() noexcept;
  Block take_filling() noexcept;
  void go_on() noexcept;
  void start_sync() noexcept;
  void start_commit() noexcept;
  void give_back(Block& block) noexcept;
  void leave() noexcept;  // the last thing that a slot does

  PosixStorage& storage_;
  Block filling_;  // the loop's
  Block writing_;  // the job's: what is written before a sync or a commit
  std::array<BlockJob, 2> writes_{BlockJob(*this), BlockJob(*this)};  // one after the other
  std::uint8_t next_write_ = 0;
  std::uint8_t writes_under_way_ = 0;
  std::uint8_t small_blocks_ = 0;  // that it has
  bool is_spilling_ = false;       // one of these is being written so that others can have it
  bool is_large_ = false;          // more than a small block has come
  bool is_promised_ = false;       // room was told of, and nothing has come into it yet
  bool is_waiting_ = false;        // among the waiting
  bool is_closing_ = false;
  bool is_over_ = false;       // a commit was asked for
  bool is_abandoned_ = false;  // nobody waits any more for the sync under way
  bool is_in_memory_ = false;  // what the file does waits for no disk
  Error error_ = Error::none;
  Writer* older_ = nullptr;  // while it is among the waiting
  Writer* newer_ = nullptr;

  Storage::Create* create_ = nullptr;
  RoomWaiter* room_waiter_ = nullptr;
  StagedFile::Sync* sync_ = nullptr;
  StagedFile::Commit* commit_ = nullptr;

  // What the job does. Only its own side touches these while one is under way.
  Work work_ = Work::none;
  Error work_error_ = Error::none;
  Error write_error_ = Error::none;  // of a block; what comes after it is not written
  std::uint16_t create_tries_ = 0;
  Committed committed_;
  std::variant<CreateOptions, CommitOptions> options_;
  StagingFile file_;
};

}  // namespace wherry::storage::posix
