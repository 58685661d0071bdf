// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/version.h"

#include <sys/xattr.h>

#include <bit>

#include "wherry/storage/posix/fd.h"

namespace wherry::storage::posix {
namespace {

constexpr const char* kAttribute = "user.wherry";

// Any constant does: it keeps the hash from being that of another program.
constexpr std::array<std::uint64_t, 2> kKey{0x7968'7265'7277'0001, 0x6E6F'6973'7265'7600};

std::int64_t modified_ns(const struct stat& info) noexcept {
  return std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

// What the attribute holds. The machine's own order of bytes: where that is another, `format` is.
struct Kept {
  std::uint32_t format;
  std::uint32_t crc32;
  std::uint64_t size;
  std::int64_t modified_ns;
  std::uint64_t inode;
};
static_assert(sizeof(Kept) == 32, "no padding, which would tell what lay in memory");
constexpr std::uint32_t kFormat = 1;

std::optional<std::uint32_t> believed(const Kept& kept, ssize_t size,
                                      const struct stat& info) noexcept {
  const bool is_same = size == sizeof(kept) && kept.format == kFormat &&
                       kept.size == static_cast<std::uint64_t>(info.st_size) &&
                       kept.modified_ns == modified_ns(info) && kept.inode == info.st_ino;
  return is_same ? std::optional(kept.crc32) : std::nullopt;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void take(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

std::uint64_t siphash(const std::array<std::uint64_t, 2>& key,
                      std::span<const std::uint64_t> words) noexcept {
  SipState state{key[0] ^ 0x736F'6D65'7073'6575, key[1] ^ 0x646F'7261'6E64'6F6D,
                 key[0] ^ 0x6C79'6765'6E65'7261, key[1] ^ 0x7465'6462'7974'6573};
  for (const std::uint64_t word : words) state.take(word);
  state.take(std::uint64_t{words.size() * sizeof(std::uint64_t)} << 56);
  state.v2 ^= 0xFF;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::uint64_t version_of(const struct stat& info) noexcept {
  const std::uint64_t words[] = {info.st_ino, static_cast<std::uint64_t>(modified_ns(info)),
                                 static_cast<std::uint64_t>(info.st_size)};
  const std::uint64_t version = siphash(kKey, words);
  return version != 0 ? version : 1;
}

FileInfo file_info_of(const struct stat& info) noexcept {
  FileInfo file;
  file.size = static_cast<std::uint64_t>(info.st_size);
  file.modified_s = info.st_mtim.tv_sec;
  file.version = version_of(info);
  return file;
}

void keep_crc32(int file, const struct stat& info, std::uint32_t crc32) noexcept {
  const Kept kept{kFormat, crc32, static_cast<std::uint64_t>(info.st_size), modified_ns(info),
                  info.st_ino};
  // Who refuses (no attributes here, no room for them) loses a convenience, and no file.
  static_cast<void>(::fsetxattr(file, kAttribute, &kept, sizeof(kept), 0) == 0);
}

std::optional<std::uint32_t> kept_crc32(int file, const struct stat& info) noexcept {
  Kept kept;
  return believed(kept, ::fgetxattr(file, kAttribute, &kept, sizeof(kept)), info);
}

std::optional<std::uint32_t> kept_crc32(const char* path, const struct stat& info) noexcept {
  Kept kept;
  return believed(kept, ::lgetxattr(path, kAttribute, &kept, sizeof(kept)), info);
}

std::optional<std::uint32_t> kept_crc32_of_name(int name, const struct stat& info) noexcept {
  Kept kept;
  const DescriptorPath path(name);
  return believed(kept, ::getxattr(path.c_str(), kAttribute, &kept, sizeof(kept)), info);
}

}  // namespace wherry::storage::posix
