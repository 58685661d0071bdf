// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/mounts.h"

#include <fcntl.h>

#include <cerrno>

namespace wherry::storage::posix {

MountsBeneath::MountsBeneath(int folder) noexcept {
  const ssize_t size = ::readlink(DescriptorPath(folder).c_str(), folder_, sizeof(folder_));
  if (size <= 0 || size == static_cast<ssize_t>(sizeof(folder_))) return;
  folder_size_ = static_cast<std::size_t>(size);
  if (folder_size_ == 1) folder_size_ = 0;  // "/": all points begin with what follows
  file_ = Fd(::open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC));
}

int MountsBeneath::next_character() noexcept {
  if (buffer_at_ == buffer_size_) {
    ssize_t size = -1;
    do {
      size = ::read(file_.get(), buffer_, sizeof(buffer_));
    } while (size < 0 && errno == EINTR);
    if (size <= 0) return -1;
    buffer_size_ = static_cast<std::size_t>(size);
    buffer_at_ = 0;
  }
  return static_cast<unsigned char>(buffer_[buffer_at_++]);
}

// Space, tab, newline and backslash are written as three octal digits.
int MountsBeneath::unescape(int character) noexcept {
  if (character != '\\') return character;
  int code = 0;
  for (int i = 0; i < 3; ++i) code = code * 8 + (next_character() - '0');
  return code & 0xFF;
}

// The fifth field.
bool MountsBeneath::read_point() noexcept {
  int character = 0;
  for (int field = 0; field < 4; ++field) {
    do {
      character = next_character();
      if (character < 0) return false;
    } while (character != ' ');
  }
  point_size_ = 0;
  while ((character = next_character()) != ' ' && character >= 0 && character != '\n') {
    const int plain = unescape(character);
    if (point_size_ < sizeof(point_)) point_[point_size_++] = static_cast<char>(plain);
  }
  while (character != '\n' && character >= 0) character = next_character();
  return true;
}

std::string_view MountsBeneath::next() noexcept {
  const std::string_view folder(folder_, folder_size_);
  while (file_ && read_point()) {
    const std::string_view point(point_, point_size_);
    const bool is_beneath = point.size() > folder.size() + 1 && point.starts_with(folder) &&
                            point[folder.size()] == '/';
    if (is_beneath) return point.substr(folder.size() + 1);
  }
  return {};
}

}  // namespace wherry::storage::posix
