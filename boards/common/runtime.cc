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

using Word [[gnu::may_alias]] = std::uint32_t;
constexpr std::size_t kWord = sizeof(Word);

bool is_aligned(const void* pointer) noexcept {
  return reinterpret_cast<std::uintptr_t>(pointer) % kWord == 0;
}

}  // namespace

extern "C" {

[[noreturn]] void abort() { wherry::panic("abort", __FILE__, __LINE__); }
[[noreturn]] void __cxa_pure_virtual() {
  wherry::panic("a pure virtual function was called", __FILE__, __LINE__);
}

// newlib-nano's goes byte by byte. Every byte that is sent or received passes here.
[[gnu::optimize("O2", "no-tree-loop-distribute-patterns")]] void* memcpy(
    void* __restrict to, const void* __restrict from, std::size_t size) {
  auto* target = static_cast<unsigned char*>(to);
  const auto* source = static_cast<const unsigned char*>(from);
  for (; size > 0 && !is_aligned(target); --size) *target++ = *source++;
#ifdef __ARM_FEATURE_UNALIGNED
  constexpr bool kReadsAnywhere = true;
#else
  constexpr bool kReadsAnywhere = false;
#endif
  if (kReadsAnywhere || is_aligned(source)) {
    for (; size >= 4 * kWord; size -= 4 * kWord) {
      auto* words = reinterpret_cast<Word*>(target);
      const auto* source_words = reinterpret_cast<const Word*>(source);
      words[0] = source_words[0];
      words[1] = source_words[1];
      words[2] = source_words[2];
      words[3] = source_words[3];
      target += 4 * kWord;
      source += 4 * kWord;
    }
  }
  for (; size > 0; --size) *target++ = *source++;
  return to;
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
