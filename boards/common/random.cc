// SPDX-License-Identifier: MIT
#include "boards/common/random.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "boards/common/cortex_m.h"
#include "wherry/base/sha256.h"

namespace wherry::boards {
namespace {

constexpr Register kTimerValue(0xE000E018);

constinit std::array<std::uint32_t, kSha256Size / sizeof(std::uint32_t)> pool{};
constinit std::uint32_t stirred = 0;

}  // namespace

// Of the timer's 24 bits the lowest are not known: they go round the word, and over all words.
void stir_random() noexcept {
  std::uint32_t& word = pool[stirred++ % pool.size()];
  word = std::rotl(word, 7) + kTimerValue.get();
}

}  // namespace wherry::boards

/// What lwIP draws port numbers and transaction numbers from, and a loop its random bits. What is
/// drawn tells nothing of the pool, nor the pool of what was drawn before.
extern "C" std::uint32_t wherry_lwip_random() {
  using wherry::boards::pool;
  wherry::boards::stir_random();
  wherry::Sha256 hash;
  hash.update(std::as_bytes(std::span(pool)));
  const wherry::Sha256Value value = hash.value();
  std::array<std::uint32_t, pool.size()> words;
  std::memcpy(words.data(), value.data(), value.size());
  for (std::size_t i = 1; i < words.size(); ++i) pool[i] ^= words[i];
  return words[0];
}
