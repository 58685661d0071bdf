// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/errors.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace wherry::storage::posix {
namespace {

TEST(Errors, MeanDifferentThingsToReaderAndWriter) {
  struct Row {
    int error_number;
    Error to_reader;
    Error to_writer;
  };
  constexpr Row kRows[] = {
      {ENOENT, Error::not_found, Error::conflict},
      {ENOTDIR, Error::not_found, Error::conflict},
      {EISDIR, Error::not_found, Error::conflict},
      {ENOTEMPTY, Error::disk_failed, Error::conflict},
      {EEXIST, Error::disk_failed, Error::conflict},
      {ELOOP, Error::not_found, Error::conflict},
      {EXDEV, Error::not_found, Error::conflict},
      {EACCES, Error::not_found, Error::not_writable},
      {EPERM, Error::not_found, Error::not_writable},
      {EROFS, Error::disk_failed, Error::not_writable},
      {ENOSPC, Error::disk_failed, Error::no_space},
      {EDQUOT, Error::disk_failed, Error::no_space},
      {EFBIG, Error::disk_failed, Error::no_space},
      {ENAMETOOLONG, Error::bad_path, Error::bad_path},
      {EMFILE, Error::busy, Error::busy},
      {ENFILE, Error::busy, Error::busy},
      {ENOMEM, Error::busy, Error::busy},
      {EAGAIN, Error::busy, Error::busy},
      {EIO, Error::disk_failed, Error::disk_failed},
      {ESTALE, Error::disk_failed, Error::disk_failed},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(reader_error(row.error_number), row.to_reader) << row.error_number;
    EXPECT_EQ(writer_error(row.error_number), row.to_writer) << row.error_number;
  }
}

TEST(Errors, OfASocketAreThePeersAndAllElseTheDisks) {
  for (const int gone : {EPIPE, ECONNRESET, ETIMEDOUT, ENOTCONN, ENETUNREACH}) {
    EXPECT_EQ(sender_error(gone), Error::closed) << gone;
  }
  for (const int failed : {EIO, ENOMEM, EOVERFLOW}) {
    EXPECT_EQ(sender_error(failed), Error::disk_failed) << failed;
  }
}

}  // namespace
}  // namespace wherry::storage::posix
