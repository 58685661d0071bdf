// SPDX-License-Identifier: MIT
// KnownChecksums: which CRC-32 is kept with the files that were opened lately, for one loop.
//
// Why: the attribute that keeps it may have to come from the disk, also for a file whose name and
// bytes are in memory, and a loop does not wait for a disk. So the first open of a version asks a
// disk thread, and those that follow ask here. A version never gets another CRC-32: nothing here
// becomes wrong, it is only forgotten when another takes its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "wherry/base/bytes.h"

namespace wherry::storage::posix {

class KnownChecksums {
 public:
  static constexpr std::size_t kMemoryBytes = 128 * 1024;  // for 8192 files

  /// Takes `memory`: kMemoryBytes of zeros, aligned to 8 bytes; or none, and then knows nothing.
  explicit KnownChecksums(MutableBytes memory) noexcept
      : places_(reinterpret_cast<Place*>(memory.data()), memory.size() / sizeof(Place)) {}

  /// Returns: null where `version` is not known; else its CRC-32, or none if none is kept with it.
  const std::optional<std::uint32_t>* find(std::uint64_t version) const noexcept {
    if (places_.empty()) return nullptr;
    const Place& place = place_of(version);
    return place.version == version ? &place.crc32 : nullptr;
  }
  void remember(std::uint64_t version, std::optional<std::uint32_t> crc32) noexcept {
    if (!places_.empty()) place_of(version) = {version, crc32};
  }

 private:
  struct Place {
    std::uint64_t version;  // 0, which no file has: free
    std::optional<std::uint32_t> crc32;
  };
  static_assert(sizeof(Place) == 16);

  Place& place_of(std::uint64_t version) const noexcept {
    return places_[version % places_.size()];
  }

  std::span<Place> places_;
};

}  // namespace wherry::storage::posix
