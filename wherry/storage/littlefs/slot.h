// SPDX-License-Identifier: MIT
// Slot: what a file being read and a file being written have in common, and the lists in which the
// storage keeps them. For this back end only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/storage/littlefs/lfs.h"

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

  std::string_view path() const noexcept { return path_; }
  bool is_commit() const noexcept { return is_commit_; }
  std::uint64_t deadline_ms() const noexcept { return deadline_ms_; }

  Slot* next = nullptr;  // the list's

  /// What it waited for has come: it is in no list any more. Ends its operation.
  virtual void go_on() noexcept = 0;
  /// Its deadline has passed: it is in no list any more. Ends its operation.
  virtual void time_out() noexcept = 0;

 protected:
  Slot(LittlefsStorage& storage, const SlotMemory& memory, std::string_view path,
       bool is_commit) noexcept
      : storage_(storage),
        memory_(memory),
        path_(memory.path.data(), path.size()),
        is_commit_(is_commit) {
    std::memcpy(memory.path.data(), path.data(), path.size());
    memory.path[path.size()] = '\0';
    file_config_.buffer = memory.cache.data();
  }
  ~Slot() = default;

  const char* path_c_str() const noexcept { return path_.data(); }

  LittlefsStorage& storage_;
  SlotMemory memory_;
  std::string_view path_;
  lfs::File file_{};
  lfs::FileConfig file_config_{};
  std::uint64_t deadline_ms_ = 0;

 private:
  bool is_commit_;
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
