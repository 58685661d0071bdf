// SPDX-License-Identifier: MIT
// Files of this machine, read and written in big blocks.
// Keeps: memory is one block, however long a file is; errors are values, with the system's
// sentence.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wherry/base/bytes.h"

namespace wherry::cli {

/// A descriptor with an owner.
class Descriptor {
 public:
  Descriptor() noexcept = default;
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();

  int get() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

 private:
  int number_ = -1;
};

/// What tells whether a file has been changed.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;

  bool operator==(const FileIdentity&) const = default;
};

/// A regular file that is read.
class LocalFile {
 public:
  /// Returns: an error's sentence; empty: it is open.
  std::string open(const std::string& path);

  std::uint64_t size() const noexcept { return identity_.size; }
  const FileIdentity& identity() const noexcept { return identity_; }
  /// Whether it is still what it was when it was opened.
  bool is_unchanged() const noexcept;
  /// Returns: how many bytes were read, 0 at the end; nothing: an I/O error.
  std::optional<std::size_t> read(std::uint64_t offset, std::span<char> into) const noexcept;
  /// Returns: the CRC-32 of the whole; nothing: it cannot be read, a signal, or it is longer now.
  std::optional<std::uint32_t> crc32() const;

 private:
  Descriptor descriptor_;
  FileIdentity identity_;
};

/// Returns: the system's sentence for `errno`.
std::string system_error();

/// Writes all of `bytes`.
bool write_all(int descriptor, std::uint64_t offset, Bytes bytes) noexcept;

/// How much is read at once where a file is read through.
inline constexpr std::size_t kReadBlock = 1024 * 1024;

}  // namespace wherry::cli
