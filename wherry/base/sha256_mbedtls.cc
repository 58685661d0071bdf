// SPDX-License-Identifier: MIT
#include <mbedtls/sha256.h>

#include <cstring>
#include <type_traits>

#include "wherry/base/sha256.h"

namespace wherry {
namespace {

static_assert(std::is_trivially_copyable_v<mbedtls_sha256_context>);

// Not SHA-224.
constexpr int kIs224 = 0;

mbedtls_sha256_context* context_of(std::byte* state) noexcept {
  return reinterpret_cast<mbedtls_sha256_context*>(state);
}

const unsigned char* characters(const std::byte* bytes) noexcept {
  return reinterpret_cast<const unsigned char*>(bytes);
}

}  // namespace

// What these functions return is for devices that compute in hardware, and may fail there.
Sha256::Sha256() noexcept {
  static_assert(sizeof(mbedtls_sha256_context) <= kStateSize &&
                alignof(mbedtls_sha256_context) <= alignof(Sha256));
  mbedtls_sha256_init(context_of(state_.data()));
  static_cast<void>(mbedtls_sha256_starts_ret(context_of(state_.data()), kIs224));
}

void Sha256::update(Bytes bytes) noexcept {
  static_cast<void>(
      mbedtls_sha256_update_ret(context_of(state_.data()), characters(bytes.data()), bytes.size()));
}

Sha256Value Sha256::value() const noexcept {
  mbedtls_sha256_context last;
  std::memcpy(&last, state_.data(), sizeof last);
  Sha256Value value;
  static_cast<void>(
      mbedtls_sha256_finish_ret(&last, reinterpret_cast<unsigned char*>(value.data())));
  return value;
}

}  // namespace wherry
