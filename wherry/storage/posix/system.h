// SPDX-License-Identifier: MIT
// The system calls that the C library does not offer yet.
#pragma once

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace wherry::storage::posix {

/// No path, link or race leads out of the folder that such a call starts from.
inline constexpr std::uint64_t kBeneath = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;

/// As openat2(2). Returns: a descriptor, or -1 and errno.
inline int open_beneath(int folder, const char* path, int flags, std::uint64_t resolve) noexcept {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.resolve = resolve;
  return static_cast<int>(::syscall(SYS_openat2, folder, path, &how, sizeof(how)));
}

/// What cachestat(2) counts, in pages.
struct CacheStatistics {
  std::uint64_t cached = 0;
  std::uint64_t dirty = 0;
  std::uint64_t writeback = 0;
  std::uint64_t evicted = 0;
  std::uint64_t recently_evicted = 0;
};

/// As cachestat(2), Linux 6.5. Returns: 0, or -1 and errno.
inline int cache_statistics(int fd, std::uint64_t offset, std::uint64_t size,
                            CacheStatistics& into) noexcept {
  constexpr long kCachestat = 451;  // the same on every architecture
  struct {
    std::uint64_t offset;
    std::uint64_t size;
  } range{offset, size};
  return static_cast<int>(::syscall(kCachestat, fd, &range, &into, 0));
}

}  // namespace wherry::storage::posix
