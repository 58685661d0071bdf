// SPDX-License-Identifier: MIT
// What the C and C++ libraries expect of a system, as far as this program has any of it: their own
// ways to end it would bring in signals, streams and the heap.
//
// There is no heap: malloc needs _sbrk, which is nowhere, so that an image in which anything asks
// for memory does not link.
#include <cstddef>
#include <cstdint>

#include "wherry/base/assert.h"

namespace {

constexpr std::size_t kWord = sizeof(std::uint32_t);

/// Aligned: loaded and stored by one instruction each.
struct [[gnu::may_alias]] Block {
  std::uint32_t words[4];
};
/// Anywhere; by its bytes where the core cannot do better.
struct [[gnu::may_alias, gnu::packed]] Word {
  std::uint32_t value;
};

bool is_aligned(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer) % kWord == 0;
}

/// Returns: how many bytes were copied, all but the last few; none when they do not lie alike.
[[gnu::noinline]] std::size_t copy_blocks(unsigned char* to, const unsigned char* from,
                                          std::size_t size) noexcept {
  const unsigned char* const begin = from;
  if ((reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from)) % kWord !=
      0) {
    return 0;
  }
  const unsigned char* const end = from + size;
  while (!is_aligned(from)) *to++ = *from++;
  for (; static_cast<std::size_t>(end - from) >= 2 * sizeof(Block); from += 2 * sizeof(Block)) {
    auto* const blocks = reinterpret_cast<Block*>(to);
    blocks[0] = reinterpret_cast<const Block*>(from)[0];
    blocks[1] = reinterpret_cast<const Block*>(from)[1];
    to += 2 * sizeof(Block);
  }
  return static_cast<std::size_t>(from - begin);
}

}  // namespace

extern "C" {

[[noreturn]] void abort() { wherry::panic("abort", __FILE__, __LINE__); }
[[noreturn]] void __cxa_pure_virtual() {
  wherry::panic("a pure virtual function was called", __FILE__, __LINE__);
}

// newlib-nano's go byte by byte. A few bytes are copied without a register to be saved.
void* memcpy(void* __restrict to, const void* __restrict from, std::size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  if (size >= 2 * sizeof(Block)) {
    const std::size_t copied = copy_blocks(target, source, size);
    target += copied;
    source += copied;
    size -= copied;
  }
  for (; size >= kWord; size -= kWord) {
    // The value, not the struct: to copy that, a core that needs alignment would call memcpy.
    reinterpret_cast<Word*>(target)->value = reinterpret_cast<const Word*>(source)->value;
    target += kWord;
    source += kWord;
  }
  for (; size > 0; --size) *target++ = *source++;
  return to;
}

int memcmp(const void* left, const void* right, std::size_t size) {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (; size >= kWord; size -= kWord, a += kWord, b += kWord) {
    if (reinterpret_cast<const Word*>(a)->value != reinterpret_cast<const Word*>(b)->value) break;
  }
  for (; size > 0; --size, ++a, ++b) {
    if (*a != *b) return *a - *b;
  }
  return 0;
}

// newlib's of these two look at words: they begin with more instructions than a name or a line of a
// head takes here, and have 200 bytes more.
void* memchr(const void* from, int wanted, std::size_t size) {
  const auto* next = static_cast<const unsigned char*>(from);
  const auto byte = static_cast<unsigned char>(wanted);
  for (; size >= 4; size -= 4, next += 4) {
    if (next[0] == byte || next[1] == byte || next[2] == byte || next[3] == byte) break;
  }
  for (; size > 0; --size, ++next) {
    if (*next == byte) return const_cast<unsigned char*>(next);
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  const char* end = text;
  while (*end != '\0') ++end;
  return static_cast<std::size_t>(end - text);
}

void* memset(void* to, int value, std::size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto byte = static_cast<unsigned char>(value);
  const std::uint32_t word = byte * 0x01010101u;
  for (; size >= kWord; size -= kWord, target += kWord) {
    reinterpret_cast<Word*>(target)->value = word;
  }
  for (; size > 0; --size) *target++ = byte;
  return to;
}

// newlib's of what follows are large. Here they see names and heads, not the bytes that
// are transferred.
void* memmove(void* to, const void* from, std::size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  // Also when `to` lies before `from`.
  if (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) >= size) {
    for (; size > 0; --size) *target++ = *source++;
  } else {
    while (size-- > 0) target[size] = source[size];
  }
  return to;
}

int strcmp(const char* left, const char* right) {
  for (; *left != '\0' && *left == *right; ++left) ++right;
  return static_cast<unsigned char>(*left) - static_cast<unsigned char>(*right);
}

char* strcpy(char* __restrict to, const char* __restrict from) {
  char* target = to;
  while ((*target++ = *from++) != '\0') continue;
  return to;
}

char* strchr(const char* text, int wanted) {
  for (; *text != static_cast<char>(wanted); ++text) {
    if (*text == '\0') return nullptr;
  }
  return const_cast<char*>(text);
}

// The compiler's own division of 64 bits by 64 takes 0.7 KB, for speed; here it sees a date or the
// size of a large file.
[[gnu::used]] std::uint64_t __udivmoddi4(std::uint64_t dividend, std::uint64_t divisor,
                                         std::uint64_t* remainder) {
  std::uint64_t quotient = 0;
  std::uint64_t rest = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const bool carries = rest >> 63 != 0;
    rest = rest << 1 | (dividend >> bit & 1);
    if (!carries && rest < divisor) continue;
    rest -= divisor;
    quotient |= std::uint64_t{1} << bit;
  }
  if (remainder != nullptr) *remainder = rest;
  return quotient;
}

}  // extern "C"

namespace std {

// libstdc++'s own throw.
[[noreturn]] void __throw_out_of_range_fmt(const char*, ...) {
  wherry::panic("out of range", __FILE__, __LINE__);
}
[[noreturn]] void __throw_length_error(const char*) {
  wherry::panic("length error", __FILE__, __LINE__);
}
[[noreturn]] void __throw_bad_function_call() {
  wherry::panic("bad function call", __FILE__, __LINE__);
}

}  // namespace std
