// SPDX-License-Identifier: MIT
// The tar format, as far as an archive of files and folders needs it: ustar, with pax headers for
// what that cannot say (long names, names beyond ASCII, files from 8 GiB on).
// Knows bytes and sizes; not where entries come from, nor where the archive goes.
// Invariant: what tar_entry_bytes says is what an entry takes, heads, content and padding.
// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block".
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wherry/base/bytes.h"

namespace wherry::transfer {

inline constexpr std::size_t kTarBlockBytes = 512;

/// What follows the last entry: zeros.
inline constexpr std::size_t kTarEndBytes = 2 * kTarBlockBytes;

struct TarEntry {
  /// Relative; UTF-8 without control characters; a folder's ends with a slash. `folder` and `path`
  /// are one text in two parts: "photos/" and "2026/a.jpg".
  std::string_view folder;
  std::string_view path;
  bool is_folder = false;
  std::uint64_t size = 0;       // bytes of content; 0 for a folder
  std::int64_t modified_s = 0;  // Unix seconds
};

/// Makes the heads of one entry, a block at a time; its content follows, then its padding.
/// Lifetime: the entry's texts outlive it.
class TarHead {
 public:
  explicit TarHead(const TarEntry& entry) noexcept;

  /// Bytes of all blocks that next() makes.
  std::uint64_t bytes() const noexcept { return std::uint64_t{blocks_} * kTarBlockBytes; }

  /// Returns: whether there was one more block, which is in `block` now.
  bool next(std::array<char, kTarBlockBytes>& block) noexcept;

 private:
  TarEntry entry_;
  std::uint32_t records_bytes_ = 0;  // of what the pax header says; 0: there is none
  std::uint32_t blocks_ = 1;
  std::uint32_t next_ = 0;
};

/// Zeros between a content of `size` bytes and the next head.
constexpr std::size_t tar_padding(std::uint64_t size) noexcept {
  return static_cast<std::size_t>(-size % kTarBlockBytes);
}

/// Bytes that an entry takes.
std::uint64_t tar_entry_bytes(const TarEntry& entry) noexcept;

}  // namespace wherry::transfer
