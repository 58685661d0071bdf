// SPDX-License-Identifier: MIT
// Removes what a crash left behind. Runs once, before anything is served.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "wherry/storage/path.h"
#include "wherry/storage/posix/root.h"
#include "wherry/storage/posix/system.h"

namespace wherry::storage::posix {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};
struct CloseFile {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

// A writer holds its file's lock from its making to its end, however the process ends.
bool is_being_written(int staging, const char* name) noexcept {
  const Fd file(::openat(staging, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  return file && ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

void remove_debris(int staging, const char* name) noexcept {
  struct stat info{};
  if (::fstatat(staging, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return;
  if (S_ISREG(info.st_mode) && is_being_written(staging, name)) return;
  ::unlinkat(staging, name, S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0);
}

// mountinfo writes space, tab, newline and backslash as three octal digits. In place.
std::string_view unescape(char* text) noexcept {
  const char* from = text;
  char* to = text;
  const auto is_octal = [](char digit) { return digit >= '0' && digit <= '7'; };
  while (*from != '\0') {
    if (from[0] == '\\' && is_octal(from[1]) && is_octal(from[2]) && is_octal(from[3])) {
      *to++ = static_cast<char>((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
      from += 4;
    } else {
      *to++ = *from++;
    }
  }
  return {text, static_cast<std::size_t>(to - text)};
}

// The fifth field of a line of mountinfo (proc(5)), unescaped; empty when the line has none.
std::string_view mount_point(char* line) noexcept {
  for (int field = 0; field < 4; ++field) {
    line = std::strchr(line, ' ');
    if (line == nullptr) return {};
    ++line;
  }
  line[std::strcspn(line, " \n")] = '\0';
  return unescape(line);
}

void sweep_mount(int root_fd, std::string_view below_root) noexcept {
  char path[kMaxPathBytes + 1];
  constexpr std::string_view kStaging = "/.wherry/staging";
  if (below_root.size() + kStaging.size() > kMaxPathBytes) return;
  std::memcpy(path, below_root.data(), below_root.size());
  std::memcpy(path + below_root.size(), kStaging.data(), kStaging.size());
  path[below_root.size() + kStaging.size()] = '\0';
  const Fd staging(open_beneath(root_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                                kBeneath | RESOLVE_NO_SYMLINKS));
  if (staging) sweep(staging.get());
}

}  // namespace

void sweep(int staging) noexcept {
  const int fd = ::openat(staging, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseFolder> folder(fd >= 0 ? ::fdopendir(fd) : nullptr);
  if (folder == nullptr) {
    if (fd >= 0) ::close(fd);
    return;
  }
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") remove_debris(staging, entry->d_name);
  }
}

void sweep_mounts_beneath(int root_fd) noexcept {
  char link[32];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", root_fd);
  char root_path[4096];
  const ssize_t size = ::readlink(link, root_path, sizeof(root_path));
  if (size <= 0 || size == static_cast<ssize_t>(sizeof(root_path))) return;
  std::string_view root(root_path, static_cast<std::size_t>(size));
  if (root == "/") root = {};

  const std::unique_ptr<std::FILE, CloseFile> mounts(std::fopen("/proc/self/mountinfo", "re"));
  if (mounts == nullptr) return;
  char line[2 * 4096];
  while (std::fgets(line, sizeof(line), mounts.get()) != nullptr) {
    const std::string_view point = mount_point(line);
    if (point.size() > root.size() + 1 && point.starts_with(root) && point[root.size()] == '/') {
      sweep_mount(root_fd, point.substr(root.size() + 1));
    }
  }
}

}  // namespace wherry::storage::posix
