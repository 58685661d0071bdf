// SPDX-License-Identifier: MIT
// ProgramImage: where the program's own constants lie in its file. What is sent from there need not
// be copied: sendfile takes it from the page cache, as it takes a stored file.
//
// Knows no connection. Invariant: what it says of bytes is so for as long as the program runs: they
// are a read-only mapping of the file that the program was started from, and are equal to it.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <optional>

#include "wherry/base/bytes.h"

namespace wherry::net::asio {

class ProgramImage {
 public:
  /// Bytes of the program's file.
  struct Place {
    int file;  // open for reading
    off_t offset;
  };

  /// The one of this program; made at the first call. Where the system does not tell (only Linux
  /// does), nothing lies in it.
  static const ProgramImage& own() noexcept;

  /// Returns: where `bytes` lie; none: not in the file, or not all of them.
  std::optional<Place> find(Bytes bytes) const noexcept;

 private:
  struct Part {
    const std::byte* begin;
    const std::byte* end;
    off_t offset;
  };

  ProgramImage() noexcept;

  int file_ = -1;
  std::array<Part, 8> parts_{};
  std::size_t count_ = 0;
};

}  // namespace wherry::net::asio
