// SPDX-License-Identifier: MIT
// FileSystem: littlefs on a block device: mounted, formatted, measured. Knows no slots and nothing
// of staging. Invariant: littlefs is called only while the medium is `ready`, but to make it so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/storage/littlefs/block_device.h"
#include "wherry/storage/littlefs/lfs.h"

namespace wherry::storage::littlefs {

/// What is known of the medium.
enum class Medium : std::uint8_t {
  not_mounted,
  ready,
  blank,          // as it came from the factory: all ones or all zeros where littlefs begins
  corrupt,        // no littlefs, or a broken one
  other_format,   // a littlefs of another block size, block count or version
  device_failed,  // it cannot be read, or there is none
};

/// Returns: one sentence for a console.
std::string_view text_of(Medium medium) noexcept;

/// When mount() may format, which loses all that the medium holds.
enum class Format : std::uint8_t {
  never,
  if_blank,
  if_unreadable,  // also if corrupt or of another format, but never when the device failed
};

struct FileSystemOptions {
  /// littlefs's block: what is erased, and taken for a file, at a time. Bytes; a multiple of the
  /// device's sector, and of what it can erase. On an SD card 4096 writes four times as fast as
  /// 512.
  std::size_t block_bytes = 4096;
  /// Memory for the search of free blocks: 8 blocks a byte; a multiple of 8. The whole medium is
  /// walked once for each so many blocks that are written.
  std::size_t lookahead_bytes = 64;
  /// After so many erasures of a block of metadata it moves elsewhere (wear levelling); -1: never.
  std::int32_t block_cycles = 500;
};

class FileSystem {
 public:
  /// The memory that it needs beside itself. All aligned to 4 bytes.
  struct Memory {
    MutableBytes read_cache;     // one sector
    MutableBytes program_cache;  // one sector
    MutableBytes lookahead;      // lookahead_bytes
  };

  FileSystem(BlockDevice& device, const Memory& memory, const FileSystemOptions& options) noexcept;
  ~FileSystem() { unmount(); }
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  Medium mount(Format format) noexcept;
  void unmount() noexcept;
  Medium medium() const noexcept { return medium_; }
  bool is_ready() const noexcept { return medium_ == Medium::ready; }

  /// Walks all that is stored, so it takes as long as reading one sector of each block in use.
  /// Errors: disk_failed, storage_unavailable.
  Result<std::uint32_t> used_blocks() noexcept;
  /// Does now what a later write would have to do first: looks which blocks are free,
  /// lookahead_bytes of them. Takes as long as used_blocks(). A failure is the next write's to
  /// tell.
  void find_free_blocks() noexcept;
  /// The blocks that one such search tells of.
  std::uint32_t lookahead_blocks() const noexcept { return 8 * config_.lookahead_size; }
  /// The same, or a little more: a folder counts twice. None: more than `max_blocks` are in use;
  /// the walk ends there.
  Result<std::optional<std::uint32_t>> used_blocks(std::uint32_t max_blocks) noexcept;
  std::uint32_t block_count() const noexcept { return config_.block_count; }
  std::size_t block_bytes() const noexcept { return config_.block_size; }
  /// The blocks that a file of `size` bytes takes, one that lies in its folder's block excepted.
  std::uint64_t blocks_for(std::uint64_t size) const noexcept;
  /// Those that it has: 0 for one that lies in its folder's block.
  std::uint32_t blocks_of(std::uint32_t size) const noexcept;

  /// Whether the device has failed since the mount. littlefs in memory and on the medium may differ
  /// from then on: it can be read, but is written no more before it is mounted again.
  bool has_failed() const noexcept { return has_failed_; }

  /// A checksum over what the metadata are that littlefs has read since the mount, which reads all:
  /// another one after each commit, but for one chance in 2^32.
  std::uint32_t seed() const noexcept { return lfs_.seed; }

  /// For littlefs's functions. Only when it is ready.
  lfs::FileSystem* handle() noexcept;

  /// What was written is on the medium before anything that is written later.
  /// Returns: littlefs's code.
  int sync_device() noexcept { return code_of(device_.sync()); }

  /// Around each call that writes: what littlefs began and could not finish, on a full medium for
  /// example, it would go on with in the next call, and ruin a folder. Returns: `code`.
  int settled(int code) noexcept;

 private:
  int try_mount() noexcept;
  Medium what_is_there(int mount_code) noexcept;
  std::uint32_t sector_of(lfs::Block block, lfs::Offset offset) const noexcept;

  int code_of(DeviceStatus status) noexcept;
  static int read(const lfs::Config* config, lfs::Block block, lfs::Offset offset, void* buffer,
                  lfs::Size size) noexcept;
  static int program(const lfs::Config* config, lfs::Block block, lfs::Offset offset,
                     const void* buffer, lfs::Size size) noexcept;
  static int erase(const lfs::Config* config, lfs::Block block) noexcept;
  static int sync(const lfs::Config* config) noexcept;

  BlockDevice& device_;
  MutableBytes scratch_;  // one sector, free while nothing is mounted
  Medium medium_ = Medium::not_mounted;
  bool has_failed_ = false;
  lfs::Config config_{};
  lfs::FileSystem lfs_{};
};

}  // namespace wherry::storage::littlefs
