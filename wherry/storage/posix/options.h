// SPDX-License-Identifier: MIT
// What can be chosen about a POSIX storage. The memory that one loop's storage takes, all of it
// when it is constructed, is
//   slots * about 3 KiB + (slots + 32) * small_block_bytes + large_blocks * large_block_bytes
//   + 200 KiB.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wherry::storage::posix {

enum class Durability : std::uint8_t {
  full,  // a commit that succeeded survives a power cut: fsync of the file and of its folder
  none,  // whole or not at all still holds for a crash of the process, not for a power cut
};

struct Options {
  Durability durability = Durability::full;
  bool read_only = false;           // nothing is written, not even the private folder
  std::uint32_t slots = 256;        // files open at a time, a loop
  std::uint32_t large_blocks = 32;  // a loop; lent to transfers that have filled a small one
  std::size_t large_block_bytes = 512 * 1024;  // a multiple of the page size
  std::size_t small_block_bytes = 4 * 1024;    // at least 2 KiB; enough for all slots
  std::uint32_t waiting_writers = 128;  // a loop; so many keep what they have gathered in memory
                                        // while they wait for more; beyond these it is written
  std::uint32_t disk_threads = 4;       // for all loops together
};

}  // namespace wherry::storage::posix
