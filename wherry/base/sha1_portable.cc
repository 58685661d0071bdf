// SPDX-License-Identifier: MIT
// SHA-1 where there is no OpenSSL: a loop of 80 rounds, in a sixth of the flash that Mbed TLS
// takes, which writes the rounds out.
#include <algorithm>
#include <array>
#include <bit>
#include <new>
#include <type_traits>

#include "wherry/base/sha1.h"

namespace wherry {
namespace {

constexpr std::size_t kBlockSize = 64;
constexpr std::size_t kLengthSize = 8;

struct State {
  std::uint64_t size = 0;  // bytes so far
  // FIPS 180-4 §5.3.1
  std::array<std::uint32_t, 5> hash{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  std::array<std::byte, kBlockSize> block{};  // its first size % kBlockSize bytes are waiting
};
static_assert(std::is_trivially_copyable_v<State>);

State& state_at(std::byte* memory) noexcept {
  return *std::launder(reinterpret_cast<State*>(memory));
}

std::uint32_t word_at(const std::byte* bytes) noexcept {
  std::uint32_t word = 0;
  for (int i = 0; i < 4; ++i) word = word << 8 | std::to_integer<std::uint32_t>(bytes[i]);
  return word;
}

/// The function and the constant of one round.  Source: FIPS 180-4 §4.1.1, §4.2.1.
std::uint32_t mixed(unsigned round, std::uint32_t b, std::uint32_t c, std::uint32_t d) noexcept {
  if (round < 20) return ((b & (c ^ d)) ^ d) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

/// Source: FIPS 180-4 §6.1.3, where 16 words of the schedule are kept instead of 80.
void take_block(State& state) noexcept {
  std::array<std::uint32_t, 16> words;
  for (unsigned i = 0; i < words.size(); ++i) words[i] = word_at(&state.block[4 * i]);
  auto [a, b, c, d, e] = state.hash;
  for (unsigned round = 0; round < 80; ++round) {
    std::uint32_t& word = words[round % 16];
    if (round >= 16) {
      word = std::rotl(
          words[(round + 13) % 16] ^ words[(round + 8) % 16] ^ words[(round + 2) % 16] ^ word, 1);
    }
    const std::uint32_t next = std::rotl(a, 5) + mixed(round, b, c, d) + e + word;
    e = d;
    d = c;
    c = std::rotl(b, 30);
    b = a;
    a = next;
  }
  const std::array<std::uint32_t, 5> added{a, b, c, d, e};
  for (unsigned i = 0; i < added.size(); ++i) state.hash[i] += added[i];
}

void take(State& state, Bytes bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t waiting = state.size % kBlockSize;
    const Bytes part = bytes.first(std::min(bytes.size(), kBlockSize - waiting));
    std::ranges::copy(part, &state.block[waiting]);
    state.size += part.size();
    bytes = bytes.subspan(part.size());
    if (state.size % kBlockSize == 0) take_block(state);
  }
}

}  // namespace

Sha1::Sha1() noexcept {
  static_assert(sizeof(State) <= kStateSize && alignof(State) <= alignof(Sha1));
  new (state_.data()) State;
}

void Sha1::update(Bytes bytes) noexcept { take(state_at(state_.data()), bytes); }

// The end of the message: one bit, zeros, and its length in bits (FIPS 180-4 §5.1.1).
Sha1Value Sha1::value() const noexcept {
  Sha1 copy = *this;
  State& last = state_at(copy.state_.data());
  const std::uint64_t bits = last.size * 8;
  constexpr std::array<std::byte, kBlockSize> kEnd{std::byte{0x80}};
  const std::size_t behind = (last.size + 1 + kLengthSize) % kBlockSize;
  take(last, Bytes(kEnd).first(1 + (kBlockSize - behind) % kBlockSize));
  std::array<std::byte, kLengthSize> length;
  for (unsigned i = 0; i < length.size(); ++i)
    length[i] = static_cast<std::byte>(bits >> (56 - 8 * i));
  take(last, length);
  Sha1Value value;
  for (unsigned i = 0; i < value.size(); ++i) {
    value[i] = static_cast<std::byte>(last.hash[i / 4] >> (24 - 8 * (i % 4)));
  }
  return value;
}

}  // namespace wherry
