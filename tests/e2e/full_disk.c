/* SPDX-License-Identifier: MIT
 *
 * A disk that is full at the n-th of the calls that take space, for a program that runs with this
 * library in LD_PRELOAD (full_disk.py). Knows nothing of the program: it counts calls on files, and
 * those that make names, whoever makes them, and leaves pipes and sockets alone. As on a real disk,
 * what gives space back (unlink) always works, and an entry of a folder takes its space when it is
 * made: the fsync of a folder finds it there.
 *
 * The file named by FULL_DISK is shared memory by which a test says which call is to fail, and sees
 * which one has failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { kOff, kOnce, kFromThenOn, kShortThenFull };

struct Control {
  _Atomic int64_t mode;
  _Atomic int64_t fail_at; /* the n-th call, from 1 */
  _Atomic int64_t count;
  _Atomic int64_t failures;
  char failed[32]; /* the first call that did */
};

static struct Control* control;

__attribute__((constructor)) static void begin(void) {
  const char* const path = getenv("FULL_DISK");
  const int fd = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* const memory = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (memory != MAP_FAILED) control = memory;
}

/* Whether this call fails; short_too: or does only a part of its work, which it is told by 2. */
static int fails(const char* name, int short_too) {
  const int64_t mode = control == NULL ? kOff : atomic_load(&control->mode);
  if (mode == kOff) return 0;
  const int64_t count = atomic_fetch_add(&control->count, 1) + 1;
  const int64_t fail_at = atomic_load(&control->fail_at);
  if (count < fail_at || (mode == kOnce && count > fail_at)) return 0;
  if (mode == kShortThenFull && count == fail_at && short_too) return 2;
  if (atomic_fetch_add(&control->failures, 1) == 0) {
    strncpy(control->failed, name, sizeof(control->failed) - 1);
  }
  errno = ENOSPC;
  return 1;
}

static int is_stored(int fd) {
  struct stat status;
  const int error = errno;
  const int is = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
  errno = error;
  return is;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* A call that takes space: on `fd`, or, where that is no file, wherever. */
#define ON_FILE(type, name, parameters, fd, arguments)    \
  type name parameters {                                  \
    if (is_stored(fd) && fails(#name, 0) != 0) return -1; \
    return NEXT(name) arguments;                          \
  }
#define ON_NAME(type, name, parameters, arguments) \
  type name parameters {                           \
    if (fails(#name, 0) != 0) return -1;           \
    return NEXT(name) arguments;                   \
  }

static size_t part_of(size_t size) { return size > 1 ? size / 2 : size; }

ssize_t write(int fd, const void* bytes, size_t size) {
  const int how = is_stored(fd) ? fails("write", 1) : 0;
  return how == 1 ? -1 : NEXT(write)(fd, bytes, how == 2 ? part_of(size) : size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  const int how = is_stored(fd) ? fails("pwrite", 1) : 0;
  return how == 1 ? -1 : NEXT(pwrite)(fd, bytes, how == 2 ? part_of(size) : size, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  return pwrite(fd, bytes, size, offset);
}

ON_FILE(ssize_t, writev, (int fd, const struct iovec* parts, int count), fd, (fd, parts, count))
ON_FILE(ssize_t, pwritev, (int fd, const struct iovec* parts, int count, off_t offset), fd,
        (fd, parts, count, offset))
ON_FILE(ssize_t, pwritev2, (int fd, const struct iovec* parts, int count, off_t offset, int flags),
        fd, (fd, parts, count, offset, flags))
ON_FILE(int, fallocate, (int fd, int mode, off_t offset, off_t size), fd, (fd, mode, offset, size))
ON_FILE(int, ftruncate, (int fd, off_t size), fd, (fd, size))
ON_FILE(int, fsync, (int fd), fd, (fd))
ON_FILE(int, fdatasync, (int fd), fd, (fd))
ON_FILE(int, sync_file_range, (int fd, off64_t offset, off64_t size, unsigned flags), fd,
        (fd, offset, size, flags))
ON_FILE(int, fsetxattr, (int fd, const char* name, const void* value, size_t size, int flags), fd,
        (fd, name, value, size, flags))
ON_NAME(int, mkdirat, (int folder, const char* path, mode_t mode), (folder, path, mode))
ON_NAME(int, linkat, (int from, const char* path, int to, const char* name, int flags),
        (from, path, to, name, flags))
ON_NAME(int, renameat, (int from, const char* path, int to, const char* name),
        (from, path, to, name))
ON_NAME(int, renameat2, (int from, const char* path, int to, const char* name, unsigned flags),
        (from, path, to, name, flags))

static int creates(uint64_t flags) {
  return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

int openat(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = creates((uint64_t)flags) ? va_arg(more, mode_t) : 0;
  va_end(more);
  if (creates((uint64_t)flags) && fails("openat", 0) != 0) return -1;
  return NEXT(openat)(folder, path, flags, mode);
}

int openat64(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = creates((uint64_t)flags) ? va_arg(more, mode_t) : 0;
  va_end(more);
  return openat(folder, path, flags, mode);
}

/* openat2 has no function in the C library. */
long syscall(long number, ...) {
  va_list more;
  va_start(more, number);
  long argument[6];
  for (int i = 0; i < 6; ++i) argument[i] = va_arg(more, long);
  va_end(more);
  if (number == SYS_openat2) {
    const struct open_how* const how = (const struct open_how*)argument[2];
    if (creates(how->flags) && fails("openat2", 0) != 0) return -1;
  }
  return NEXT(syscall)(number, argument[0], argument[1], argument[2], argument[3], argument[4],
                       argument[5]);
}
