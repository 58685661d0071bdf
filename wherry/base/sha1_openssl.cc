// SPDX-License-Identifier: MIT
// By the functions that OpenSSL calls deprecated: those that it recommends instead allocate for
// each digest, and do not let its running state be copied as bytes.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <bit>
#include <type_traits>

#include "wherry/base/sha1.h"

namespace wherry {
namespace {

static_assert(std::is_trivially_copyable_v<SHA_CTX>);

}  // namespace

Sha1::Sha1() noexcept {
  static_assert(sizeof(SHA_CTX) == kStateSize && alignof(SHA_CTX) <= alignof(Sha1));
  SHA1_Init(reinterpret_cast<SHA_CTX*>(state_.data()));
}

void Sha1::update(Bytes bytes) noexcept {
  SHA1_Update(reinterpret_cast<SHA_CTX*>(state_.data()), bytes.data(), bytes.size());
}

Sha1Value Sha1::value() const noexcept {
  auto last = std::bit_cast<SHA_CTX>(state_);
  Sha1Value value;
  SHA1_Final(reinterpret_cast<unsigned char*>(value.data()), &last);
  return value;
}

}  // namespace wherry
