// SPDX-License-Identifier: MIT
// WaitingWriters: the writers of one loop that have gathered some bytes in a small block and wait
// for more. A few keep their blocks, so that a small file reaches the disk in one job; beyond these
// the one that has waited for longest writes what it has, and its block is lent to others.
#pragma once

#include <cstdint>

namespace wherry::storage::posix {

class Writer;

class WaitingWriters {
 public:
  /// Blocks that are written at a time so that others can have them: so many more there are of
  /// small blocks than of slots, so that each writer can have one while another of its own is
  /// being written.
  static constexpr std::uint32_t kMaxSpills = 32;

  /// `most`: so many keep their blocks.
  explicit WaitingWriters(std::uint32_t most) noexcept : most_(most) {}

  /// Of one that is not in it. May have the oldest write what it has.
  void add(Writer& writer) noexcept;
  void remove(Writer& writer) noexcept;

  void spill_begins() noexcept { ++spills_; }
  void spill_ended() noexcept { --spills_; }

  std::uint32_t count() const noexcept { return count_; }

 private:
  Writer* oldest_ = nullptr;
  Writer* newest_ = nullptr;
  std::uint32_t most_;
  std::uint32_t count_ = 0;
  std::uint32_t spills_ = 0;
};

}  // namespace wherry::storage::posix
