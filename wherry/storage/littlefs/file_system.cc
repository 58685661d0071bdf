// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/file_system.h"

#include <algorithm>
#include <bit>

#include "wherry/base/assert.h"

namespace wherry::storage::littlefs {
namespace {

constexpr int kEndOfWalk = 1;

bool is_blank(Bytes sector) noexcept {
  if (sector[0] != std::byte{0x00} && sector[0] != std::byte{0xFF}) return false;
  return std::ranges::all_of(sector, [&](std::byte byte) { return byte == sector[0]; });
}

}  // namespace

std::string_view text_of(Medium medium) noexcept {
  switch (medium) {
    case Medium::not_mounted:
      return "The storage is not mounted";
    case Medium::ready:
      return "The storage is ready";
    case Medium::blank:
      return "The storage is blank";
    case Medium::corrupt:
      return "The storage holds no file system, or a broken one";
    case Medium::other_format:
      return "The storage was formatted with another block size, size or version";
    case Medium::device_failed:
      return "The storage does not answer";
  }
  return {};
}

FileSystem::FileSystem(BlockDevice& device, const Memory& memory,
                       const FileSystemOptions& options) noexcept
    : device_(device), scratch_(memory.read_cache) {
  const std::size_t sector_bytes = memory.read_cache.size();
  WHERRY_ASSERT(options.block_bytes % sector_bytes == 0);
  config_.context = this;
  config_.read = &read;
  config_.prog = &program;
  config_.erase = &erase;
  config_.sync = &sync;
  config_.read_size = static_cast<lfs::Size>(sector_bytes);
  config_.prog_size = config_.read_size;
  config_.cache_size = config_.read_size;
  config_.block_size = static_cast<lfs::Size>(options.block_bytes);
  config_.block_cycles = options.block_cycles;
  config_.lookahead_size = static_cast<lfs::Size>(options.lookahead_bytes);
  config_.read_buffer = memory.read_cache.data();
  config_.prog_buffer = memory.program_cache.data();
  config_.lookahead_buffer = memory.lookahead.data();
}

// ---------------------------------------------------------------- mount

Medium FileSystem::mount(Format format) noexcept {
  unmount();
  has_failed_ = false;
  device_.find();
  config_.block_count = device_.sector_count() / (config_.block_size / config_.read_size);
  if (device_.sector_bytes() != config_.read_size || config_.block_count < 2)
    return medium_ = Medium::device_failed;

  int code = try_mount();
  if (code == lfs::kOk) return medium_ = Medium::ready;
  medium_ = what_is_there(code);
  if (medium_ == Medium::device_failed || format == Format::never) return medium_;
  if (format == Format::if_blank && medium_ != Medium::blank) return medium_;
  code = lfs::format(&lfs_, &config_);
  if (code == lfs::kOk) code = try_mount();
  return medium_ = code == lfs::kOk ? Medium::ready : Medium::device_failed;
}

int FileSystem::try_mount() noexcept {
  int code = lfs::mount(&lfs_, &config_);
  if (code != lfs::kOk) return code;
  // Blocks that look like metadata but hold no superblock are mounted without a root.
  lfs::Folder root{};
  code = lfs::folder_open(&lfs_, &root, "/");
  if (code == lfs::kOk) code = lfs::folder_close(&lfs_, &root);
  // What a power cut interrupted. On a medium that is too full it is done later, or never needed.
  if (code == lfs::kOk) code = lfs::make_consistent(&lfs_);
  if (code == lfs::kOk || code == lfs::kNoSpace) return lfs::kOk;
  lfs::unmount(&lfs_);
  return code;
}

// littlefs begins in its blocks 0 and 1.
Medium FileSystem::what_is_there(int mount_code) noexcept {
  bool both_blank = true;
  for (lfs::Block block = 0; block < 2; ++block) {
    if (device_.read(sector_of(block, 0), scratch_) != DeviceStatus::ok)
      return Medium::device_failed;
    both_blank = both_blank && is_blank(scratch_);
  }
  if (both_blank) return Medium::blank;
  if (mount_code == lfs::kIo) return Medium::device_failed;
  return mount_code == lfs::kInvalid ? Medium::other_format : Medium::corrupt;
}

void FileSystem::unmount() noexcept {
  if (is_ready()) lfs::unmount(&lfs_);
  medium_ = Medium::not_mounted;
}

lfs::FileSystem* FileSystem::handle() noexcept {
  WHERRY_ASSERT(is_ready());
  return &lfs_;
}

// A rename that fails leaves its move announced, and the next commit would write that down and so
// remove a name that has not moved, or twice what has; or it would take back the announcement of a
// move whose second half failed, and so bring the old name back. A commit that fails leaves in the
// program cache part of a block that it has given up, which would be read, or written, as if it
// were still the block's.
int FileSystem::settled(int code) noexcept {
  if (code >= 0) return code;
  constexpr std::uint32_t kMoveBits = 0x7FFFFC00;  // of the tag: what is moved, and which entry
  lfs_.gstate.tag = (lfs_.gstate.tag & ~kMoveBits) | (lfs_.gdisk.tag & kMoveBits);
  lfs_.gstate.pair[0] = lfs_.gdisk.pair[0];
  lfs_.gstate.pair[1] = lfs_.gdisk.pair[1];
  lfs_.gdelta = {};
  lfs_.pcache.block = lfs::kNoBlock;
  return code;
}

// ---------------------------------------------------------------- space

Result<std::uint32_t> FileSystem::used_blocks() noexcept {
  if (!is_ready()) return Error::storage_unavailable;
  const auto used = lfs::used_blocks(&lfs_);
  if (used < 0) return Error::disk_failed;
  return std::min(static_cast<std::uint32_t>(used), block_count());
}

void FileSystem::find_free_blocks() noexcept { static_cast<void>(lfs::find_free_blocks(handle())); }

Result<std::optional<std::uint32_t>> FileSystem::used_blocks(std::uint32_t max_blocks) noexcept {
  if (!is_ready()) return Error::storage_unavailable;
  struct Walk {
    std::uint32_t used, limit;
  } walk{0, max_blocks};
  const auto count = [](void* data, lfs::Block) noexcept {
    Walk& self = *static_cast<Walk*>(data);
    if (self.used == self.limit) return kEndOfWalk;
    ++self.used;
    return static_cast<int>(lfs::kOk);
  };
  const int code = lfs::traverse(&lfs_, count, &walk);
  if (code == kEndOfWalk) return std::optional<std::uint32_t>();
  if (code < 0) return Error::disk_failed;
  return std::optional(std::min(walk.used, block_count()));
}

// A block of a file begins with pointers to earlier ones, two of 4 bytes on the average.
std::uint64_t FileSystem::blocks_for(std::uint64_t size) const noexcept {
  const std::uint64_t payload_bytes = config_.block_size - 8;
  return size / payload_bytes + (size % payload_bytes != 0 ? 1 : 0);
}

// littlefs: a small file lies in its folder's block; block i > 0 of another begins with as many
// pointers of 4 bytes as i has factors of two, and one.
std::uint32_t FileSystem::blocks_of(std::uint32_t size) const noexcept {
  constexpr std::uint32_t kMaxInline = 0x3FE;
  if (size <= std::min({kMaxInline, config_.cache_size, config_.block_size / 8})) return 0;
  const std::uint32_t payload_bytes = config_.block_size - 8;
  const std::uint32_t index = (size - 1) / payload_bytes;
  if (index == 0) return 1;
  return (size - 1 - 4 * (static_cast<unsigned>(std::popcount(index - 1)) + 2)) / payload_bytes + 1;
}

// ---------------------------------------------------------------- the device, for littlefs

std::uint32_t FileSystem::sector_of(lfs::Block block, lfs::Offset offset) const noexcept {
  return block * (config_.block_size / config_.read_size) + offset / config_.read_size;
}

int FileSystem::code_of(DeviceStatus status) noexcept {
  switch (status) {
    case DeviceStatus::ok:
      return lfs::kOk;
    case DeviceStatus::bad_sector:
      return lfs::kCorrupt;
    case DeviceStatus::failed:
      break;
  }
  has_failed_ = true;
  return lfs::kIo;
}

int FileSystem::read(const lfs::Config* config, lfs::Block block, lfs::Offset offset, void* buffer,
                     lfs::Size size) noexcept {
  auto& self = *static_cast<FileSystem*>(config->context);
  return self.code_of(self.device_.read(self.sector_of(block, offset),
                                        MutableBytes(static_cast<std::byte*>(buffer), size)));
}

int FileSystem::program(const lfs::Config* config, lfs::Block block, lfs::Offset offset,
                        const void* buffer, lfs::Size size) noexcept {
  auto& self = *static_cast<FileSystem*>(config->context);
  return self.code_of(self.device_.program(self.sector_of(block, offset),
                                           Bytes(static_cast<const std::byte*>(buffer), size)));
}

int FileSystem::erase(const lfs::Config* config, lfs::Block block) noexcept {
  auto& self = *static_cast<FileSystem*>(config->context);
  return self.code_of(
      self.device_.erase(self.sector_of(block, 0), config->block_size / config->read_size));
}

int FileSystem::sync(const lfs::Config* config) noexcept {
  auto& self = *static_cast<FileSystem*>(config->context);
  return self.code_of(self.device_.sync());
}

}  // namespace wherry::storage::littlefs
