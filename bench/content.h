// SPDX-License-Identifier: MIT
// What the benchmark's clients upload, and how they fail: a few MiB in memory, sent again and again
// by sendfile, whose CRC-32 is known without reading it all. Knows nothing of HTTP.
#pragma once

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "wherry/base/crc32.h"

namespace wherry::bench {

[[noreturn]] inline void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

[[noreturn]] inline void refuse(std::string_view why, std::string_view text) {
  std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(why.size()), why.data(),
               static_cast<int>(text.size()), text.data());
  std::exit(1);
}

/// The content of every upload: no two blocks of its period are alike.
class Content {
 public:
  static constexpr std::size_t kPeriod = 4 * 1024 * 1024;

  Content() : bytes_(kPeriod), descriptor_(::memfd_create("content", MFD_CLOEXEC)) {
    std::uint64_t state = 88172645463325252u;
    for (std::byte& byte : bytes_) {
      state ^= state << 13;
      state ^= state >> 7;
      state ^= state << 17;
      byte = static_cast<std::byte>(state);
    }
    if (::write(descriptor_, bytes_.data(), kPeriod) != static_cast<ssize_t>(kPeriod))
      fail("memfd");
  }

  /// Sends some of [offset, size). Returns: as send().
  ssize_t send(int socket, std::uint64_t offset, std::uint64_t size) const {
    off_t position = static_cast<off_t>(offset % kPeriod);
    const std::uint64_t run = kPeriod - static_cast<std::uint64_t>(position);
    return ::sendfile(socket, descriptor_, &position, std::min(run, size - offset));
  }

  Bytes bytes() const { return bytes_; }

  /// Of the first `size` bytes.
  std::uint32_t crc32(std::uint64_t size) const {
    const std::uint64_t whole = size / kPeriod;
    const auto rest = static_cast<std::size_t>(size % kPeriod);
    const std::uint32_t begun = crc32_repeated(wherry::crc32(bytes_), kPeriod, whole);
    return crc32_combine(begun, wherry::crc32(Bytes(bytes_).first(rest)), rest);
  }

 private:
  std::vector<std::byte> bytes_;
  int descriptor_;
};

}  // namespace wherry::bench
