// SPDX-License-Identifier: MIT
#include "boards/common/fifo.h"

#include <cstring>

namespace wherry::boards {
namespace {

constexpr std::size_t kWord = 4;
constexpr std::size_t kBlock = 8;  // words between two looks at how many are left

void put(Register fifo, const std::byte* from) noexcept {
  std::uint32_t word;
  std::memcpy(&word, from, kWord);
  fifo.set(word);
}

void take(Register fifo, std::byte* to) noexcept {
  const std::uint32_t word = fifo.get();
  std::memcpy(__builtin_assume_aligned(to, kWord), &word, kWord);
}

}  // namespace

void put_words(Register fifo, const std::byte* from, std::size_t count) noexcept {
  for (; count >= kBlock; count -= kBlock, from += kBlock * kWord) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kBlock; ++i) put(fifo, from + i * kWord);
  }
  for (; count > 0; --count, from += kWord) put(fifo, from);
}

void take_words(Register fifo, std::byte* to, std::size_t count) noexcept {
  for (; count >= kBlock; count -= kBlock, to += kBlock * kWord) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kBlock; ++i) take(fifo, to + i * kWord);
  }
  for (; count > 0; --count, to += kWord) take(fifo, to);
}

}  // namespace wherry::boards
