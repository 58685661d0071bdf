// SPDX-License-Identifier: MIT
// PosixStorage: files in a folder of a Linux system, for one loop.
//
// How the loop never waits: what may wait for the disk is a job for the DiskThreads, and comes back
// by the loop's mailbox; what is in memory already (open, read, sendfile) is done at once.
// Memory: everything is taken by the constructor; nothing is allocated afterwards.
//
//     Root (opened folder)  --shared by-->  one PosixStorage a loop  --jobs-->  DiskThreads
#pragma once

#include <cstdint>
#include <memory>

#include "wherry/coro/mailbox.h"
#include "wherry/storage/block_pool.h"
#include "wherry/storage/posix/disk_threads.h"
#include "wherry/storage/posix/known_checksums.h"
#include "wherry/storage/posix/mapping.h"
#include "wherry/storage/posix/meter.h"
#include "wherry/storage/posix/options.h"
#include "wherry/storage/posix/root.h"
#include "wherry/storage/posix/round_files.h"
#include "wherry/storage/posix/waiting_writers.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class Changer;
class Lister;
class Reader;
class Writer;

class PosixStorage final : public Storage {
 public:
  /// Takes all of its memory (options.h has the sum). Where the system denies that, is_ready() is
  /// false and every open and create ends with busy.
  /// Lifetime: `root`, `threads` and `mailbox` outlive it.
  PosixStorage(const Root& root, DiskThreads& threads, coro::Mailbox& mailbox,
               const Options& options) noexcept;
  /// Waits for the jobs under way, as long as the disk takes, and removes the staged files that
  /// were dropped. (What is left of removed folders goes when the root is next opened.) By then no
  /// File, StagedFile or operation remains; the mailbox runs nothing of this storage any more (its
  /// loop has stopped).
  ~PosixStorage();
  PosixStorage(const PosixStorage&) = delete;
  PosixStorage& operator=(const PosixStorage&) = delete;

  bool is_ready() const noexcept { return is_ready_; }

  // Storage
  void begin_open(Open& operation) noexcept override;
  void cancel_open(Open& operation) noexcept override;
  void begin_create(Create& operation) noexcept override;
  void cancel_create(Create& operation) noexcept override;
  void begin_list(List& operation) noexcept override;
  void cancel_list(List& operation) noexcept override;
  void begin_change(Change& operation) noexcept override;
  void cancel_change(Change& operation) noexcept override;
  void begin_measure(Measure& operation) noexcept override { meter_.begin(operation); }
  void cancel_measure(Measure& operation) noexcept override { meter_.cancel(operation); }
  void report(StatusSink& sink) const noexcept override;

  // How much is in use now, and was at most.
  std::uint32_t slots_in_use() const noexcept { return slots_.in_use(); }
  std::uint32_t peak_slots_in_use() const noexcept { return slots_.peak_in_use(); }
  std::uint32_t large_blocks_in_use() const noexcept { return large_blocks_.in_use(); }
  std::uint32_t peak_large_blocks_in_use() const noexcept { return large_blocks_.peak_in_use(); }
  std::uint32_t small_blocks_in_use() const noexcept { return small_blocks_.in_use(); }
  std::uint32_t peak_small_blocks_in_use() const noexcept { return small_blocks_.peak_in_use(); }
  std::uint32_t jobs_under_way() const noexcept { return jobs_.under_way(); }
  std::size_t memory_bytes() const noexcept { return memory_.bytes().size(); }

 private:
  friend class Changer;
  friend class Lister;
  friend class Reader;
  friend class Writer;

  // For the slots.
  const Root& root() const noexcept { return root_; }
  JobQueue& jobs() noexcept { return jobs_; }
  BlockPool& large_blocks() noexcept { return large_blocks_; }
  BlockPool& small_blocks() noexcept { return small_blocks_; }
  WaitingWriters& waiting_writers() noexcept { return waiting_writers_; }
  KnownChecksums& checksums() noexcept { return checksums_; }
  RoundFiles& round_files() noexcept { return round_files_; }
  /// Whether what can be left to the next start is left.
  bool is_ending() const noexcept { return is_ending_; }
  template <class Slot>
  void give_back(Slot& slot) noexcept {
    std::destroy_at(&slot);
    give_back_place(reinterpret_cast<std::byte*>(&slot));
  }
  void give_back_place(std::byte* place) noexcept;
  std::byte* back_of(MutableBytes slot) const noexcept;

  MutableBytes take(std::size_t size) noexcept;  // of the memory, if any

  const Root& root_;
  JobQueue jobs_;
  Meter meter_;
  std::size_t large_block_bytes_;
  std::size_t small_block_bytes_;
  Mapping memory_;  // large blocks, small blocks, checksums, the round's files, slots, their backs
  bool is_ready_;
  MutableBytes left_;  // of the memory, in the constructor
  bool is_ending_ = false;
  BlockPool large_blocks_;
  BlockPool small_blocks_;
  WaitingWriters waiting_writers_;
  KnownChecksums checksums_;
  RoundFiles round_files_;
  MutableBytes slot_memory_;
  MutableBytes back_memory_;
  BlockPool slots_;
};

}  // namespace wherry::storage::posix
