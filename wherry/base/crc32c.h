// SPDX-License-Identifier: MIT
// CRC-32C (Castagnoli), as iSCSI, ext4, object stores and the digest `crc32c` compute it:
// polynomial 0x1EDC6F41, reflected, preset and inverted. It finds damage; it proves nothing against
// an attacker.
#pragma once

#include <cstdint>

#include "wherry/base/bytes.h"

namespace wherry {

/// Returns: the CRC-32C of the bytes that `seed` is the CRC of, followed by `bytes`, by the
/// processor's own instruction where it has one. The CRC of nothing is 0.  Memory: none.
/// Source: RFC 9260 appendix A.
std::uint32_t crc32c(Bytes bytes, std::uint32_t seed = 0) noexcept;

/// The same result from a table in read-only data: 64 bytes where addresses have 32 bits, else 1
/// KiB.
std::uint32_t crc32c_portable(Bytes bytes, std::uint32_t seed = 0) noexcept;

/// The CRC-32C of bytes that come in pieces. Its value is all of its state.
class Crc32c {
 public:
  void update(Bytes bytes) noexcept { value_ = crc32c(bytes, value_); }
  /// Returns: the CRC of all bytes so far; 0 before the first.
  std::uint32_t value() const noexcept { return value_; }

 private:
  std::uint32_t value_ = 0;
};

}  // namespace wherry
