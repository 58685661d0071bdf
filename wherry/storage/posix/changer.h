// SPDX-License-Identifier: MIT
// Changer: the slot of a removal or a move: one job, and after the removal of a large folder more
// of them, which delete what was in it while the client has its answer already. Invariant: while a
// job is under way the slot stays, whoever has gone.
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/storage/path.h"
#include "wherry/storage/posix/disk_threads.h"
#include "wherry/storage/posix/removed_tree.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class PosixStorage;

class Changer final : public ChangeSlot, private Job {
 public:
  /// `small_block` is given back by it.
  Changer(PosixStorage& storage, MutableBytes small_block) noexcept
      : storage_(storage), small_block_(small_block) {}

  /// Carries out the operation, whose paths passed check_path, ends it, and goes back to the
  /// storage by itself.
  void begin_change(Storage::Change& operation) noexcept;
  /// The operation has gone; the change happens all the same.
  void cancel_change() noexcept { change_ = nullptr; }

 private:
  void work() noexcept override;
  void done() noexcept override;

  std::string_view path() const noexcept { return {path_, path_size_}; }
  std::string_view new_path() const noexcept {
    return as_text(Bytes(small_block_).first(new_path_size_));
  }

  PosixStorage& storage_;
  MutableBytes small_block_;  // holds the new path
  Storage::Change* change_ = nullptr;

  // What the job does. Only its own side touches these while one is under way.
  bool is_carried_out_ = false;
  bool is_move_ = false;
  bool flag_ = false;  // recursive, or replaces
  bool has_more_ = false;
  Error error_ = Error::none;
  Expected expected_;
  RemovedTree tree_;
  std::uint16_t path_size_ = 0;
  std::uint16_t new_path_size_ = 0;
  char path_[kMaxPathBytes];
};

}  // namespace wherry::storage::posix
