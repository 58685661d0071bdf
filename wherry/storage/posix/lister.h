// SPDX-License-Identifier: MIT
// Lister: the slot of a folder being read. All of it is done by disk threads, a slice of time at a
// job, into a block that belongs to the slot: a large one where the pool has one.
// Invariant: while a job is under way the slot and its block stay, whoever has gone.
#pragma once

#include <cstdint>

#include "wherry/storage/posix/disk_threads.h"
#include "wherry/storage/posix/folder_reader.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class PosixStorage;

class Lister final : public FolderSlot, private Job {
 public:
  /// `small_block` is given back by it. The path of `operation` passed check_path, or is the
  /// root's.
  Lister(PosixStorage& storage, MutableBytes small_block, const Storage::List& operation) noexcept
      : storage_(storage),
        small_block_(small_block),
        folder_(operation.path(), operation.position()) {}

  /// Opens the folder and ends the operation; a slot that could not open goes back to the storage
  /// by itself.
  void begin_list(Storage::List& operation) noexcept;
  /// The operation has gone; what it asked for is undone when its job ends.
  void cancel_list() noexcept { list_ = nullptr; }

  // FolderSlot
  void begin_read(Folder::Read& operation) noexcept override;
  void cancel_read(Folder::Read& operation) noexcept override;
  void close() noexcept override;

 private:
  enum class Work : std::uint8_t { none, open, read, close };

  void work() noexcept override;
  void done() noexcept override;

  void submit(Work work) noexcept;
  void start_read() noexcept;
  void end_list() noexcept;
  void end_read() noexcept;
  void leave() noexcept;  // the last thing that a slot does

  PosixStorage& storage_;
  MutableBytes small_block_;
  MutableBytes large_block_;  // empty: none is lent
  Storage::List* list_ = nullptr;
  Folder::Read* read_ = nullptr;
  bool has_block_ = false;  // one of the two is the folder's
  bool is_closing_ = false;
  bool is_abandoned_ = false;  // nobody waits any more for the page under way

  // What the job does. Only its own side touches these while one is under way.
  Work work_ = Work::none;
  Error work_error_ = Error::none;
  bool is_complete_ = false;
  FolderReader folder_;
};

}  // namespace wherry::storage::posix
