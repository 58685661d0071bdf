// SPDX-License-Identifier: MIT
// Slot: what the users of the storage have in common: a file being read, one being written, a
// folder being read, a removal or a move; and the lists in which the storage keeps them. For this
// back end only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/storage/file.h"
#include "wherry/storage/littlefs/lfs.h"
#include "wherry/storage/path.h"

namespace wherry::storage::littlefs {

class LittlefsStorage;

/// The memory that a slot has beside its object.
struct SlotMemory {
  MutableBytes cache;    // littlefs's, of one open file
  MutableBytes block;    // what a read shows, or what a room lends
  std::span<char> path;  // with room for a NUL
};

class Slot {
 public:
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  /// What it does with its names.
  enum class Use : std::uint8_t {
    reads,    // beside others who read
    commits,  // alone
    changes,  // alone, also with all that lies below
  };

  bool is_alone() const noexcept { return use_ != Use::reads; }
  /// Whether the two may not go at a time.
  bool bars(const Slot& other) const noexcept {
    if (!is_alone() && !other.is_alone()) return false;
    return meet(path_, other, other.path_) || meet(path_, other, other.new_path_) ||
           meet(new_path_, other, other.path_) || meet(new_path_, other, other.new_path_);
  }
  std::uint64_t deadline_ms() const noexcept { return deadline_ms_; }

  Slot* next = nullptr;  // the list's

  /// What it waited for has come: it is in no list any more. Ends its operation.
  virtual void go_on() noexcept = 0;
  /// Its deadline has passed: it is in no list any more. Ends its operation.
  virtual void time_out() noexcept = 0;

 protected:
  Slot(LittlefsStorage& storage, const SlotMemory& memory, std::string_view path, Use use) noexcept
      : storage_(storage), memory_(memory), path_(memory.path.data(), path.size()), use_(use) {
    path.copy(memory.path.data(), path.size());  // of the root: from nowhere
    memory.path[path.size()] = '\0';
    file_config_.buffer = memory.cache.data();
  }
  ~Slot() = default;

  const char* path_c_str() const noexcept { return path_.data(); }
  /// Errors: precondition_failed; conflict (a folder stands at its path, or a file on the way),
  /// disk_failed.
  Result<> check_expected(const Expected& expected) noexcept;

  LittlefsStorage& storage_;
  SlotMemory memory_;
  std::string_view path_;
  std::string_view new_path_;  // a move's; somebody else's
  lfs::File file_{};
  lfs::FileConfig file_config_{};
  std::uint64_t deadline_ms_ = 0;

 private:
  bool meet(std::string_view one, const Slot& other, std::string_view another) const noexcept {
    if (one.empty() || another.empty()) return false;
    const bool is_wide = use_ == Use::changes || other.use_ == Use::changes;
    return one == another || (is_wide && (lies_below(one, another) || lies_below(another, one)));
  }

  Use use_;
};

/// Slots in the order in which they came. A slot is in one list at a time.
class SlotList {
 public:
  Slot* first() const noexcept { return first_; }

  void append(Slot& slot) noexcept {
    Slot** end = &first_;
    while (*end != nullptr) end = &(*end)->next;
    *end = &slot;
    slot.next = nullptr;
  }
  void remove(Slot& slot) noexcept {
    Slot** place = &first_;
    while (*place != &slot) place = &(*place)->next;
    *place = slot.next;
    slot.next = nullptr;
  }

 private:
  Slot* first_ = nullptr;
};

}  // namespace wherry::storage::littlefs
