// SPDX-License-Identifier: MIT
// SHA-1 of bytes that come in pieces: by OpenSSL on hosts, by sha1_portable.cc on boards. Only for
// protocols that demand it (tus): it finds damage, and keeps no forger away; SHA-256 does.
// Keeps: all of its state lies in the object: no heap, nothing to be given back. A copy goes on by
// itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wherry/base/bytes.h"

namespace wherry {

inline constexpr std::size_t kSha1Size = 20;
using Sha1Value = std::array<std::byte, kSha1Size>;

class Sha1 {
 public:
  Sha1() noexcept;
  void update(Bytes bytes) noexcept;
  /// Returns: the digest of all bytes so far; more may follow.
  /// Source: FIPS 180-4 §6.1.
  Sha1Value value() const noexcept;

 private:
  static constexpr std::size_t kStateSize = 96;  // what either of the two takes

  alignas(std::uint64_t) std::array<std::byte, kStateSize> state_{};
};

}  // namespace wherry
