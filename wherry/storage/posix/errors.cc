// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/errors.h"

#include <cerrno>

namespace wherry::storage::posix {
namespace {

// What means the same to all: the process is out of something that comes back.
bool is_shortage(int error_number) noexcept {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM ||
         error_number == EAGAIN || error_number == EINTR;
}

}  // namespace

Error reader_error(int error_number) noexcept {
  if (is_shortage(error_number)) return Error::busy;
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:  // a link that leads to itself, or a magic link
    case EXDEV:  // a link that leads out of the root
    case EACCES:
    case EPERM:
    case ENXIO:
    case ENODEV:
      return Error::not_found;
    case ENAMETOOLONG:
      return Error::bad_path;
    default:
      return Error::disk_failed;
  }
}

Error writer_error(int error_number) noexcept {
  if (is_shortage(error_number)) return Error::busy;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Error::no_space;
    case EACCES:
    case EPERM:
    case EROFS:
      return Error::not_writable;
    case ENOENT:  // missing folders are made: one that vanishes again has another's hand in it
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
    case EEXIST:
    case EBUSY:
    case ETXTBSY:
    case ELOOP:
    case EXDEV:
      return Error::conflict;
    case ENAMETOOLONG:
    case EINVAL:  // a name that this file system cannot hold
    case EILSEQ:
      return Error::bad_path;
    default:
      return Error::disk_failed;
  }
}

Error sender_error(int error_number) noexcept {
  switch (error_number) {
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
    case ENOTCONN:
    case ESHUTDOWN:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case ENETDOWN:
      return Error::closed;
    default:
      return Error::disk_failed;
  }
}

}  // namespace wherry::storage::posix
