// SPDX-License-Identifier: MIT
#include "wherry/storage/littlefs/known_file.h"

#include <algorithm>
#include <bit>

#include "wherry/base/crc32.h"

namespace wherry::storage::littlefs {
namespace {

constexpr std::uint8_t kType = 'w';

// As it lies on the medium: little-endian, as all machines are that this runs on.
struct Known {
  std::uint64_t version;
  std::uint32_t size;   // of the file, bytes
  std::uint32_t place;  // the block of its last bytes; of one in its folder's block: its CRC-32
  std::uint32_t crc32;
  std::uint32_t has_crc32;
};
static_assert(sizeof(Known) == 24 && std::endian::native == std::endian::little);

// Where the bytes of an open file lie, all of which have been written or none. Of more than the
// cache holds, which a machine with a larger one may have put into a folder's block, only the begin
// counts.
std::uint32_t place_of(FileSystem& files, const lfs::File& file) noexcept {
  if ((file.flags & lfs::kInline) == 0) return file.ctz.head;
  const lfs::Size size = std::min(file.ctz.size, files.handle()->cfg->cache_size);
  return crc32(Bytes(reinterpret_cast<const std::byte*>(file.cache.buffer), size));
}

}  // namespace

int open_known(FileSystem& files, lfs::File& file, lfs::FileConfig& config, const char* path,
               FileInfo& info) noexcept {
  Known known{};  // stays so where there is no attribute
  lfs::Attribute attribute{kType, &known, sizeof(known)};
  config.attrs = &attribute;
  config.attr_count = 1;
  const int code = lfs::file_open(files.handle(), &file, path, lfs::kReadOnly, &config);
  config.attr_count = 0;
  if (code < 0) return code;
  info = FileInfo{.size = file.ctz.size};
  if (known.version == 0 || known.size != file.ctz.size || known.place != place_of(files, file))
    return code;
  info.version = known.version;
  if (known.has_crc32 != 0) info.crc32 = known.crc32;
  return code;
}

int close_known(FileSystem& files, lfs::File& file, lfs::FileConfig& config,
                const FileInfo& info) noexcept {
  // To seek is to write down what is in the cache: only then the last block is known.
  const auto sought = lfs::file_seek(files.handle(), &file, 0, lfs::kFromBegin);
  if (sought < 0) {
    files.settled(static_cast<int>(sought));
    file.flags |= lfs::kGivenUp;
    lfs::file_close(files.handle(), &file);
    return static_cast<int>(sought);
  }
  Known known{.version = info.version,
              .size = file.ctz.size,
              .place = place_of(files, file),
              .crc32 = info.crc32.value_or(0),
              .has_crc32 = info.crc32.has_value()};
  lfs::Attribute attribute{kType, &known, sizeof(known)};
  config.attrs = &attribute;
  config.attr_count = files.handle()->attr_max >= sizeof(known) ? 1 : 0;  // of this medium
  file.flags |= lfs::kToBeWritten;                                        // also one without bytes
  const int code = files.settled(lfs::file_close(files.handle(), &file));
  config.attr_count = 0;
  return code;
}

}  // namespace wherry::storage::littlefs
