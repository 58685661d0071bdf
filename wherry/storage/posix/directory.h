// SPDX-License-Identifier: MIT
// Directory: the entries of an opened folder, one after the other, in memory that is lent:
// readdir(3) without a heap. Deadline: until when a disk thread goes on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

#include "wherry/base/bytes.h"

namespace wherry::storage::posix {

class Directory {
 public:
  struct Entry {
    const char* name;      // ended with a NUL; neither `.` nor `..`
    std::uint64_t cookie;  // seek() to it goes on behind this entry
    std::uint8_t type;     // DT_*, or DT_UNKNOWN

    bool is_folder() const noexcept;
    /// Whether it can be neither file, folder nor link.
    bool is_special() const noexcept;
  };

  /// The least that an entry takes of the buffer, and enough for any.
  static constexpr std::size_t kMinBufferBytes = 512;

  Directory() = default;
  /// Begins where `fd` stands, which is open for reading and outlives this. `buffer`: at least
  /// kMinBufferBytes, aligned to 8 bytes; what it holds is not asked for again.
  Directory(int fd, MutableBytes buffer) noexcept : fd_(fd), buffer_(buffer) {}

  /// Goes on behind the entry of `cookie`; 0: at the first one.
  void seek(std::uint64_t cookie) noexcept;

  /// Returns: the next entry, valid until the next call; null at the end and after a failure.
  const Entry* next() noexcept;
  /// Has next() give the last entry again.
  void put_back() noexcept { at_ = entry_at_; }
  /// errno of the failure; 0: there was none.
  int error_number() const noexcept { return error_number_; }

 private:
  bool fill() noexcept;

  int fd_ = -1;
  int error_number_ = 0;
  MutableBytes buffer_;
  std::size_t size_ = 0;
  std::size_t at_ = 0;
  std::size_t entry_at_ = 0;
  Entry entry_{};
};

/// A point in time, from its construction on.
class Deadline {
 public:
  explicit Deadline(std::int64_t in_ms) noexcept : at_ns_(now_ns() + in_ms * 1'000'000) {}
  bool has_passed() const noexcept { return now_ns() >= at_ns_; }

 private:
  static std::int64_t now_ns() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }
  std::int64_t at_ns_;
};

}  // namespace wherry::storage::posix
