// SPDX-License-Identifier: MIT
// Replaces malloc and its kin by ones that tell of each call. For one source of a test program that
// asks nothing of the heap; without sanitizers, which replace them too. Linux alone (glibc).
#pragma once

#include <cerrno>
#include <cstddef>

namespace wherry {

/// Whoever includes this header writes it: called by the thread that asks for memory, before it
/// gets any.
void on_heap_call() noexcept;

}  // namespace wherry

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) {
  wherry::on_heap_call();
  return __libc_malloc(size);
}
void* calloc(std::size_t item_count, std::size_t size) {
  wherry::on_heap_call();
  return __libc_calloc(item_count, size);
}
void* realloc(void* block, std::size_t size) {
  wherry::on_heap_call();
  return __libc_realloc(block, size);
}
void* memalign(std::size_t alignment, std::size_t size) {
  wherry::on_heap_call();
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  wherry::on_heap_call();
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  wherry::on_heap_call();
  *block = __libc_memalign(alignment, size);
  return *block == nullptr ? ENOMEM : 0;
}
}
