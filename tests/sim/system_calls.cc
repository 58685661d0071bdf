// SPDX-License-Identifier: MIT
// The system calls of wherry/storage/posix, as a machine answers them. The linker gives each call
// of `name` to `__wrap_name`, and `__real_name` is the system's (CMakeLists.txt has the list).
//
// Whatever may wait for a disk does so by chance, where the caller asks not to wait. What concerns
// rights succeeds. A call that the back end does not make is not here.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

#include "tests/sim/machine.h"

namespace wherry::sim {
namespace {

constexpr long kCachestat = 451;
constexpr std::uint64_t kMount = 7;

Machine* machine() { return Machine::current(); }
Disk& disk() { return machine()->disk(); }

Description* ours(int fd) {
  return fd >= Machine::kFirstDescriptor && machine() != nullptr ? machine()->find(fd) : nullptr;
}

int result_of(int error_number) {
  if (error_number == 0) return 0;
  errno = error_number;
  return -1;
}

// ---------------------------------------------------------------- ways to a file

struct Spot {
  Disk::Number folder = 0;
  std::string name;         // the last on the way; empty: the folder itself
  Disk::Number number = 0;  // what stands there; 0: nothing
};

/// Walks `path` from `from`. Returns: an errno; 0: there is such a spot.
int walk(Disk::Number from, std::string_view path, Spot& spot) {
  if (!disk().has_power()) return EIO;
  spot = {from, "", from};
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    if (name.empty() || name == ".") continue;
    if (spot.number == 0) return ENOENT;
    if (!disk().node(spot.number).is_folder) return ENOTDIR;
    if (name.size() > 255) return ENAMETOOLONG;
    if (name == "..") {
      spot = {disk().node(spot.number).parent, "", disk().node(spot.number).parent};
      continue;
    }
    spot.folder = spot.number;
    spot.name = name;
    spot.number = disk().find(spot.folder, name);
  }
  return 0;
}

int open_from(Disk::Number from, const char* path, int flags) {
  Spot spot;
  if (const int error = walk(from, path, spot); error != 0) return result_of(error);
  const bool may_make = (flags & O_CREAT) != 0;
  if (spot.number == 0 && !may_make) return result_of(ENOENT);
  if (spot.number == 0) {
    const int error = disk().make(spot.folder, spot.name, false, machine()->now_ns(), spot.number);
    if (error != 0) return result_of(error);
  } else if (may_make && (flags & O_EXCL) != 0) {
    return result_of(EEXIST);
  }
  const bool is_folder = disk().node(spot.number).is_folder;
  if ((flags & O_DIRECTORY) != 0 && !is_folder) return result_of(ENOTDIR);
  if (is_folder && (flags & O_ACCMODE) != O_RDONLY) return result_of(EISDIR);
  return machine()->open(spot.number, (flags & O_PATH) != 0);
}

int open_beneath(int folder, const char* path, const open_how& how) {
  const Description* from = ours(folder);
  if (path[0] == '/') return result_of(EXDEV);
  const bool may_wait = (how.resolve & RESOLVE_CACHED) == 0;
  if (!may_wait && machine()->random().chance(30)) return result_of(EAGAIN);
  return open_from(from->number, path, static_cast<int>(how.flags));
}

/// What /proc/self/fd/N or /proc/self/fd/N/name leads to; 0: nothing of ours.
Disk::Number behind_proc(const char* path) {
  int fd = -1;
  int size = 0;
  if (std::sscanf(path, "/proc/self/fd/%d%n", &fd, &size) != 1) return 0;
  const Description* description = ours(fd);
  if (description == nullptr || path[size] == '\0') return description ? description->number : 0;
  return disk().find(description->number, path + size + 1);
}

// ---------------------------------------------------------------- what is told of a file

void tell(Disk::Number number, struct stat& info) {
  const Disk::Node& node = disk().node(number);
  info = {};
  info.st_dev = 77;
  info.st_ino = number;
  info.st_mode = static_cast<mode_t>(node.is_folder ? S_IFDIR | 0700 : S_IFREG | 0600);
  info.st_nlink = node.links;
  info.st_size = static_cast<off_t>(node.bytes.size());
  info.st_mtim = {node.about.modified_ns / 1'000'000'000, node.about.modified_ns % 1'000'000'000};
}

ssize_t tell_attribute(Disk::Number number, void* into, std::size_t size) {
  const std::string& attribute = disk().node(number).about.attribute;
  if (attribute.empty()) return result_of(ENODATA);
  if (size < attribute.size()) return result_of(ERANGE);
  std::memcpy(into, attribute.data(), attribute.size());
  return static_cast<ssize_t>(attribute.size());
}

// getdents64(2): as many entries as fit, in the order of their cookies.
long read_entries(Description& folder, char* into, std::size_t room) {
  constexpr std::size_t kNameAt = 19;
  const Disk::Node& node = disk().node(folder.number);
  if (!disk().has_power()) return result_of(EIO);
  if (node.links == 0) return result_of(ENOENT);
  std::size_t used = 0;
  while (true) {
    const std::string* name = nullptr;
    Disk::Entry next;
    for (const auto& [each, entry] : node.entries) {
      if (entry.cookie > folder.cookie && (name == nullptr || entry.cookie < next.cookie)) {
        name = &each;
        next = entry;
      }
    }
    if (name == nullptr) return static_cast<long>(used);
    const std::size_t size = (kNameAt + name->size() + 1 + 7) / 8 * 8;
    if (size > room - used) return used > 0 ? static_cast<long>(used) : result_of(EINVAL);
    const auto record_size = static_cast<std::uint16_t>(size);
    char* const at = into + used;
    std::memset(at, 0, size);
    std::memcpy(at, &next.number, 8);
    std::memcpy(at + 8, &next.cookie, 8);
    std::memcpy(at + 16, &record_size, 2);
    at[18] = static_cast<char>(disk().node(next.number).is_folder ? DT_DIR : DT_REG);
    std::memcpy(at + kNameAt, name->data(), name->size());
    folder.cookie = next.cookie;
    used += size;
  }
}

int rename_from(int from_folder, const char* from, int to_folder, const char* to,
                bool may_replace) {
  return result_of(
      disk().rename(ours(from_folder)->number, from, ours(to_folder)->number, to, may_replace));
}

}  // namespace
}  // namespace wherry::sim

// ---------------------------------------------------------------- the calls

using namespace wherry::sim;

extern "C" {

#define SIMULATED(result, name, parameters) \
  result __real_##name parameters;          \
  result __wrap_##name parameters;          \
  result __wrap_##name parameters

int __real_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  const bool is_ours = machine() != nullptr && std::strcmp(path, Machine::kRootPath) == 0;
  return is_ours ? open_from(Disk::kRoot, ".", flags) : __real_open(path, flags, mode);
}

int __real_openat(int folder, const char* path, int flags, ...);
int __wrap_openat(int folder, const char* path, int flags, ...);
int __wrap_openat(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  const Description* from = ours(folder);
  return from ? open_from(from->number, path, flags) : __real_openat(folder, path, flags, mode);
}

int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  void* const argument = va_arg(more, void*);
  va_end(more);
  if (!ours(fd)) return __real_fcntl(fd, command, argument);
  return command == F_DUPFD_CLOEXEC ? machine()->duplicate(fd) : result_of(EINVAL);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...) {
  va_list more;
  va_start(more, number);
  long words[6];
  for (long& word : words) word = va_arg(more, long);
  va_end(more);
  const int fd = static_cast<int>(words[0]);
  if (machine() != nullptr && number == kCachestat) return result_of(ENOSYS);
  if (Description* const there = ours(fd)) {
    if (number == SYS_openat2) {
      return open_beneath(fd, reinterpret_cast<const char*>(words[1]),
                          *reinterpret_cast<const open_how*>(words[2]));
    }
    if (number == SYS_getdents64) {
      return read_entries(*there, reinterpret_cast<char*>(words[1]),
                          static_cast<std::size_t>(words[2]));
    }
    return result_of(ENOSYS);
  }
  return __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

SIMULATED(int, close, (int fd)) {
  if (!ours(fd)) return __real_close(fd);
  machine()->close(fd);
  return 0;
}

SIMULATED(int, fstat, (int fd, struct stat* info)) {
  const Description* const there = ours(fd);
  if (!there) return __real_fstat(fd, info);
  tell(there->number, *info);
  return 0;
}

SIMULATED(int, fstatat, (int folder, const char* path, struct stat* info, int flags)) {
  const Description* const from = ours(folder);
  if (!from) return __real_fstatat(folder, path, info, flags);
  Spot spot;
  if (const int error = walk(from->number, path, spot); error != 0) return result_of(error);
  if (spot.number == 0) return result_of(ENOENT);
  tell(spot.number, *info);
  return 0;
}

SIMULATED(int, statx,
          (int fd, const char* path, int flags, unsigned int mask, struct statx* info)) {
  if (!ours(fd)) return __real_statx(fd, path, flags, mask, info);
  *info = {};
  info->stx_mask = STATX_MNT_ID;
  info->stx_mnt_id = kMount;
  return 0;
}

SIMULATED(int, fstatfs, (int fd, struct statfs* info)) {
  if (!ours(fd)) return __real_fstatfs(fd, info);
  *info = {};  // of no type that lives in memory
  return 0;
}

SIMULATED(int, fstatvfs, (int fd, struct statvfs* info)) {
  if (!ours(fd)) return __real_fstatvfs(fd, info);
  *info = {};
  info->f_bsize = info->f_frsize = Disk::kPageBytes;
  info->f_blocks = disk().capacity_bytes() / Disk::kPageBytes;
  info->f_bfree = info->f_bavail =
      (disk().capacity_bytes() - disk().used_bytes()) / Disk::kPageBytes;
  return 0;
}

SIMULATED(ssize_t, readlink, (const char* path, char* into, std::size_t size)) {
  if (behind_proc(path) == 0) return __real_readlink(path, into, size);
  return std::snprintf(into, size, "%s", Machine::kRootPath);
}

SIMULATED(off_t, lseek, (int fd, off_t offset, int whence)) {
  Description* const there = ours(fd);
  if (!there) return __real_lseek(fd, offset, whence);
  there->cookie = static_cast<std::uint64_t>(offset);
  return offset;
}

SIMULATED(int, mkdirat, (int folder, const char* name, mode_t mode)) {
  const Description* const from = ours(folder);
  if (!from) return __real_mkdirat(folder, name, mode);
  Disk::Number made = 0;
  return result_of(disk().make(from->number, name, true, machine()->now_ns(), made));
}

SIMULATED(int, unlinkat, (int folder, const char* name, int flags)) {
  const Description* const from = ours(folder);
  if (!from) return __real_unlinkat(folder, name, flags);
  return result_of(disk().remove(from->number, name, (flags & AT_REMOVEDIR) != 0));
}

SIMULATED(int, renameat, (int from_folder, const char* from, int to_folder, const char* to)) {
  if (!ours(from_folder)) return __real_renameat(from_folder, from, to_folder, to);
  return rename_from(from_folder, from, to_folder, to, true);
}

SIMULATED(int, renameat2,
          (int from_folder, const char* from, int to_folder, const char* to, unsigned int flags)) {
  if (!ours(from_folder)) return __real_renameat2(from_folder, from, to_folder, to, flags);
  return rename_from(from_folder, from, to_folder, to, (flags & RENAME_NOREPLACE) == 0);
}

SIMULATED(ssize_t, pwrite, (int fd, const void* bytes, std::size_t size, off_t offset)) {
  const Description* const there = ours(fd);
  if (!there) return __real_pwrite(fd, bytes, size, offset);
  if (size > 1 && machine()->random().chance(10)) size = 1 + machine()->random().below(size);
  const std::string_view text(static_cast<const char*>(bytes), size);
  const int error =
      disk().write(there->number, static_cast<std::uint64_t>(offset), text, machine()->now_ns());
  return error == 0 ? static_cast<ssize_t>(size) : result_of(error);
}

SIMULATED(ssize_t, preadv2,
          (int fd, const struct iovec* pieces, int count, off_t offset, int flags)) {
  const Description* const there = ours(fd);
  if (!there) return __real_preadv2(fd, pieces, count, offset, flags);
  if (!disk().has_power()) return result_of(EIO);
  if ((flags & RWF_NOWAIT) != 0 && machine()->random().chance(30)) return result_of(EAGAIN);
  const std::string& bytes = disk().node(there->number).bytes;
  const auto at = std::min(static_cast<std::size_t>(offset), bytes.size());
  const std::size_t size = std::min(pieces->iov_len, bytes.size() - at);
  if (size > 0) std::memcpy(pieces->iov_base, bytes.data() + at, size);
  return static_cast<ssize_t>(size);
}

SIMULATED(int, ftruncate, (int fd, off_t size)) {
  const Description* const there = ours(fd);
  if (!there) return __real_ftruncate(fd, size);
  return result_of(
      disk().truncate(there->number, static_cast<std::uint64_t>(size), machine()->now_ns()));
}

SIMULATED(int, fsync, (int fd)) {
  const Description* const there = ours(fd);
  return there ? result_of(disk().sync(there->number)) : __real_fsync(fd);
}

SIMULATED(int, sync_file_range, (int fd, off_t offset, off_t size, unsigned int flags)) {
  return ours(fd) ? 0 : __real_sync_file_range(fd, offset, size, flags);
}

SIMULATED(int, posix_fadvise, (int fd, off_t offset, off_t size, int advice)) {
  return ours(fd) ? 0 : __real_posix_fadvise(fd, offset, size, advice);
}

SIMULATED(int, flock, (int fd, int operation)) {
  const Description* const there = ours(fd);
  if (!there) return __real_flock(fd, operation);
  return result_of(machine()->lock(there->number, there) ? 0 : EWOULDBLOCK);
}

SIMULATED(int, futimens, (int fd, const struct timespec* times)) {
  const Description* const there = ours(fd);
  if (!there) return __real_futimens(fd, times);
  return result_of(disk().set_modified(
      there->number, std::int64_t{times[1].tv_sec} * 1'000'000'000 + times[1].tv_nsec));
}

SIMULATED(int, fsetxattr,
          (int fd, const char* name, const void* value, std::size_t size, int flags)) {
  const Description* const there = ours(fd);
  if (!there) return __real_fsetxattr(fd, name, value, size, flags);
  return result_of(disk().set_attribute(there->number, {static_cast<const char*>(value), size}));
}

SIMULATED(ssize_t, fgetxattr, (int fd, const char* name, void* into, std::size_t size)) {
  const Description* const there = ours(fd);
  return there ? tell_attribute(there->number, into, size) : __real_fgetxattr(fd, name, into, size);
}

SIMULATED(ssize_t, getxattr, (const char* path, const char* name, void* into, std::size_t size)) {
  const Disk::Number number = behind_proc(path);
  return number ? tell_attribute(number, into, size) : __real_getxattr(path, name, into, size);
}

SIMULATED(ssize_t, lgetxattr, (const char* path, const char* name, void* into, std::size_t size)) {
  const Disk::Number number = behind_proc(path);
  return number ? tell_attribute(number, into, size) : __real_lgetxattr(path, name, into, size);
}

SIMULATED(int, faccessat, (int folder, const char* path, int mode, int flags)) {
  return ours(folder) ? 0 : __real_faccessat(folder, path, mode, flags);
}

SIMULATED(int, fchown, (int fd, uid_t owner, gid_t group)) {
  return ours(fd) ? 0 : __real_fchown(fd, owner, group);
}

SIMULATED(int, fchmod, (int fd, mode_t mode)) { return ours(fd) ? 0 : __real_fchmod(fd, mode); }

SIMULATED(int, fchmodat, (int folder, const char* path, mode_t mode, int flags)) {
  return ours(folder) ? 0 : __real_fchmodat(folder, path, mode, flags);
}

SIMULATED(ssize_t, getrandom, (void* into, std::size_t size, unsigned int flags)) {
  if (machine() == nullptr) return __real_getrandom(into, size, flags);
  for (std::size_t i = 0; i < size; ++i) {
    static_cast<unsigned char*>(into)[i] =
        static_cast<unsigned char>(machine()->random().below(256));
  }
  return static_cast<ssize_t>(size);
}

SIMULATED(int, clock_gettime, (clockid_t clock, struct timespec* now)) {
  if (machine() == nullptr) return __real_clock_gettime(clock, now);
  const std::int64_t now_ns = machine()->now_ns();
  *now = {now_ns / 1'000'000'000, now_ns % 1'000'000'000};
  return 0;
}

SIMULATED(int, nanosleep, (const struct timespec* duration, struct timespec* rest)) {
  return machine() == nullptr ? __real_nanosleep(duration, rest) : 0;
}

}  // extern "C"
