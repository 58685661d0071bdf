// SPDX-License-Identifier: MIT
// SHA-256 of bytes that come in pieces: by OpenSSL on hosts, by Mbed TLS on boards.
// Knows neither library here: they are seen by one file each (sha256_openssl.cc,
// sha256_mbedtls.cc), of which a program has one.
// Keeps: all of its state lies in the object: no heap, nothing to be given back. A copy goes on by
// itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wherry/base/bytes.h"

namespace wherry {

inline constexpr std::size_t kSha256Size = 32;
using Sha256Value = std::array<std::byte, kSha256Size>;

class Sha256 {
 public:
  Sha256() noexcept;
  void update(Bytes bytes) noexcept;
  /// Returns: the digest of all bytes so far; more may follow.
  /// Source: FIPS 180-4 §6.2.
  Sha256Value value() const noexcept;

 private:
  static constexpr std::size_t kStateSize = 112;  // what the larger of the two libraries takes

  alignas(std::uint32_t) std::array<std::byte, kStateSize> state_{};
};

}  // namespace wherry
