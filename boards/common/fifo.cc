// SPDX-License-Identifier: MIT
#include "boards/common/fifo.h"

#include <cstring>

namespace wherry::boards {
namespace {

constexpr std::size_t kWord = 4;
constexpr std::size_t kBlock = 8;  // words between two looks at how many are left

bool is_aligned(const void* address) noexcept {
  return reinterpret_cast<std::uintptr_t>(address) % kWord == 0;
}

/// Puts `kBlock` words, from a multiple of 4 on. Four are loaded by one instruction, which no
/// compiler makes of C++.
const std::byte* put_block(Register fifo, const std::byte* from) noexcept {
  struct Block {
    std::byte bytes[kBlock * kWord];
  };
  const auto& block = *reinterpret_cast<const Block*>(from);
  asm volatile(
      "ldmia %[from]!, {r3, r4, r5, r6}\n"
      "str r3, [%[fifo]]\n"
      "str r4, [%[fifo]]\n"
      "str r5, [%[fifo]]\n"
      "str r6, [%[fifo]]\n"
      "ldmia %[from]!, {r3, r4, r5, r6}\n"
      "str r3, [%[fifo]]\n"
      "str r4, [%[fifo]]\n"
      "str r5, [%[fifo]]\n"
      "str r6, [%[fifo]]\n"
      : [from] "+l"(from)
      : [fifo] "l"(fifo.address()), "m"(block)
      : "r3", "r4", "r5", "r6");
  return from;
}

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
  if (is_aligned(from)) {
    for (; count >= kBlock; count -= kBlock) from = put_block(fifo, from);
  }
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
