// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/directory.h"

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

namespace wherry::storage::posix {
namespace {

// As getdents64(2) writes it: then its name, ended with a NUL.
struct Head {
  std::uint64_t inode;
  std::int64_t cookie;
  std::uint16_t size;  // of this and the name, with what aligns the next
  std::uint8_t type;
};
constexpr std::size_t kNameAt = 19;

}  // namespace

bool Directory::Entry::is_folder() const noexcept { return type == DT_DIR; }

bool Directory::Entry::is_special() const noexcept {
  return type != DT_UNKNOWN && type != DT_DIR && type != DT_REG && type != DT_LNK;
}

void Directory::seek(std::uint64_t cookie) noexcept {
  size_ = at_ = 0;
  error_number_ = ::lseek(fd_, static_cast<off_t>(cookie), SEEK_SET) < 0 ? errno : 0;
}

bool Directory::fill() noexcept {
  if (error_number_ != 0) return false;
  const long size = ::syscall(SYS_getdents64, fd_, buffer_.data(), buffer_.size());
  if (size < 0) error_number_ = errno;
  if (size <= 0) return false;
  size_ = static_cast<std::size_t>(size);
  at_ = 0;
  return true;
}

const Directory::Entry* Directory::next() noexcept {
  while (true) {
    if (at_ == size_ && !fill()) return nullptr;
    Head head;
    std::memcpy(&head, buffer_.data() + at_, kNameAt);
    const char* name = reinterpret_cast<const char*>(buffer_.data() + at_ + kNameAt);
    entry_at_ = at_;
    at_ += head.size;
    const std::string_view text(name);
    if (text == "." || text == "..") continue;
    entry_ = {name, static_cast<std::uint64_t>(head.cookie), head.type};
    return &entry_;
  }
}

}  // namespace wherry::storage::posix
