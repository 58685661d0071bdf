// SPDX-License-Identifier: MIT
// Changer: the slot of a removal or a move, for as long as that waits for the readers of its names.
// For this back end only.
#pragma once

#include <span>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/names.h"
#include "wherry/storage/littlefs/slot.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::littlefs {

class Changer final : public ChangeSlot, public Slot {
 public:
  /// The operation's paths outlive it, and so this.
  Changer(LittlefsStorage& storage, const SlotMemory& memory, Storage::Change& operation) noexcept
      : Slot(storage, memory, operation.path(), Use::changes), change_(operation) {
    new_path_ = operation.new_path();
  }

  void begin_change() noexcept;
  void cancel_change() noexcept;

  // Slot
  void go_on() noexcept override { end(change()); }
  void time_out() noexcept override { end(Error::busy); }

 private:
  Error change() noexcept;
  Error remove(const Entry& there) noexcept;
  Error move(const Entry& there) noexcept;
  Error check_lengths() noexcept;
  void end(Error error) noexcept;

  Storage::Change& change_;
};

}  // namespace wherry::storage::littlefs
