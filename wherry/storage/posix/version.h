// SPDX-License-Identifier: MIT
// What tells one content of a name from every other, and the CRC-32 that is kept beside it. Knows
// no path, no coroutine and no loop.
//
// A version is mixed from inode, size and time of change. A commit sets that time to the
// nanosecond: that of the kernel is as coarse as its tick, and the inode of a file that was
// replaced is used again at once. Another hand's change of the content changes the time too (where
// the file system keeps whole seconds, two of the same size within one look alike).
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

/// Returns: the version of a regular file; never 0. Nobody can tell the inode from it.
std::uint64_t version_of(const struct stat& info) noexcept;

/// Returns: what `info` says of a regular file; its CRC-32 is kept elsewhere.
FileInfo file_info_of(const struct stat& info) noexcept;

/// SipHash-2-4 of `words`, each as 8 bytes in little-endian order.
/// Source: J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF", 2012.
std::uint64_t siphash(const std::array<std::uint64_t, 2>& key,
                      std::span<const std::uint64_t> words) noexcept;

/// Keeps `crc32` with the opened file, of which fstat(2) has just said `info`: in the extended
/// attribute `user.wherry`, with what tells whether another hand has changed or copied the file
/// since. A file system without such attributes keeps nothing.
void keep_crc32(int file, const struct stat& info, std::uint32_t crc32) noexcept;

/// Returns: the CRC-32 that is kept with the opened file, if it is that of what `info` describes.
/// May wait for the disk, unless the file lives in memory.
std::optional<std::uint32_t> kept_crc32(int file, const struct stat& info) noexcept;

/// The same for `path`, which is not followed if it is a link.
std::optional<std::uint32_t> kept_crc32(const char* path, const struct stat& info) noexcept;

/// The same for a file that was opened as a name only (O_PATH).
std::optional<std::uint32_t> kept_crc32_of_name(int name, const struct stat& info) noexcept;

}  // namespace wherry::storage::posix
