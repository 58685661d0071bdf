// SPDX-License-Identifier: MIT
// Lister: the slot of a folder being read. littlefs keeps names in order, so that a name is a
// place: that of the last entry stands behind the folder's path, in the memory that a slot has for
// paths. What finds no room there could be named by no request, and is not told.
//
// littlefs's order is byte by byte, but a name comes behind those that begin with it: "ab", "a",
// "b". What comes next by name is therefore either what littlefs has next, or a part of its name:
// the shortest that is a name itself. Whether there is one is seen by reading on, as long as names
// begin alike.
// Invariant: littlefs has the folder open only while no name on the medium has changed; after a
// change the place is looked for again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "wherry/base/result.h"
#include "wherry/storage/littlefs/slot.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::littlefs {

class Lister final : public FolderSlot, public Slot {
 public:
  Lister(LittlefsStorage& storage, const SlotMemory& memory, std::string_view path,
         std::string_view behind) noexcept;

  /// Errors: not_found, disk_failed.
  Error open() noexcept;
  /// Names are about to change.
  void lose_place() noexcept;

  // Slot: waits for nobody.
  void go_on() noexcept override {}
  void time_out() noexcept override {}

  // FolderSlot
  void begin_read(Folder::Read& operation) noexcept override;
  void cancel_read(Folder::Read&) noexcept override {}  // none is ever pending
  void close() noexcept override;

 private:
  Result<FolderPage> read_page(std::uint32_t max_entries) noexcept;
  int advance() noexcept;
  int find_shortest() noexcept;
  int describe(std::size_t size, FolderEntry& entry) noexcept;

  std::size_t name_begin() const noexcept { return path_.empty() ? 0 : path_.size() + 1; }
  std::string_view name() const noexcept { return memory_.path.data() + name_begin(); }
  bool set_name(std::string_view name) noexcept;
  bool is_behind(std::string_view other) const noexcept;

  lfs::Folder folder_{};
  bool is_open_ = false;       // by littlefs, which has just read the name
  std::size_t told_size_ = 0;  // so much of the name has been told: up to here, and what is shorter
};

}  // namespace wherry::storage::littlefs
