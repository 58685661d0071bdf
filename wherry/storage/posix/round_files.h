// SPDX-License-Identifier: MIT
// RoundFiles: the small files that one loop has opened and read in the present round, so that of
// many requests for one file that came together the first opens and reads it for all
// (Freshness::round).
//
// Why nobody can tell: who may be given what lies here had begun to arrive before the round did,
// and what lies here was opened and read within the round. So it stood under its name after that
// request's first byte and before its reply. A change whose end the sender could know of, by
// whatever way, had ended before the first byte, so before the round, and is seen. What is older
// than the round is never given: nothing has to be told of a change, and it does not matter who
// made it. Holds bytes, and no descriptor: a removed file gives its room back at once. Invariant:
// all files were opened, and read to their ends, in the round that `round_` says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/storage/file.h"

namespace wherry::storage::posix {

class RoundFiles {
 public:
  static constexpr std::size_t kMaxFileBytes = 4096;
  static constexpr std::size_t kMaxPathBytes = 192;
  static constexpr std::size_t kMaxFiles = 16;
  static constexpr std::size_t kMemoryBytes = 72 * 1024;

  /// Takes `memory`: kMemoryBytes, aligned to 8 bytes; or none, and then keeps nothing.
  explicit RoundFiles(MutableBytes memory) noexcept;

  struct File {
    const FileInfo& info;
    Bytes content;  // all of it
  };
  /// Returns: the file that was read as `path` in `round`; none: none was.
  /// Lifetime: until the next call that is not a find.
  std::optional<File> find(std::uint64_t round, std::string_view path) const noexcept;

  /// For whom a file that was opened is to be read.
  struct Place {
    std::uint64_t round = UINT64_MAX;
    std::size_t index = 0;
  };
  /// To be called in the round in which `path` was opened; keep() then has its name.
  /// Returns: a place that keeps nothing where there is none free, or the path is a long one.
  Place expect(std::uint64_t round, std::string_view path) noexcept;

  /// Keeps `content`, the whole of a file that was opened when `place` was taken, if `round` still
  /// is that one and it is at most kMaxFileBytes.
  void keep(const Place& place, std::uint64_t round, const FileInfo& info, Bytes content) noexcept;

 private:
  struct Entry {
    FileInfo info;
    std::array<char, kMaxPathBytes> path;
    std::uint16_t path_size;
    bool has_content;
    std::array<std::byte, kMaxFileBytes> content;

    std::string_view path_view() const noexcept { return {path.data(), path_size}; }
  };
  static_assert(kMaxFiles * sizeof(Entry) <= kMemoryBytes && alignof(Entry) <= 8);

  std::span<Entry> entries_;  // those from count_ on are older, or were never used
  std::size_t count_ = 0;
  std::uint64_t round_ = 0;
};

}  // namespace wherry::storage::posix
