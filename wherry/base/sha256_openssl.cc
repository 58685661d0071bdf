// SPDX-License-Identifier: MIT
// By the functions that OpenSSL calls deprecated: those that it recommends instead allocate for
// each digest, and do not let its running state be copied as bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <bit>
#include <type_traits>

#include "wherry/base/sha256.h"

namespace wherry {
namespace {

static_assert(std::is_trivially_copyable_v<SHA256_CTX>);

}  // namespace

Sha256::Sha256() noexcept {
  static_assert(sizeof(SHA256_CTX) == kStateSize && alignof(SHA256_CTX) <= alignof(Sha256));
  SHA256_Init(reinterpret_cast<SHA256_CTX*>(state_.data()));
}

void Sha256::update(Bytes bytes) noexcept {
  SHA256_Update(reinterpret_cast<SHA256_CTX*>(state_.data()), bytes.data(), bytes.size());
}

Sha256Value Sha256::value() const noexcept {
  auto last = std::bit_cast<SHA256_CTX>(state_);
  Sha256Value value;
  SHA256_Final(reinterpret_cast<unsigned char*>(value.data()), &last);
  return value;
}

}  // namespace wherry
