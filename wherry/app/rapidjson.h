// SPDX-License-Identifier: MIT
// RapidJSON, set up for this room: no exceptions, our assertion, and memory that it is lent.
#pragma once

#include <cstddef>
#include <span>

#include "wherry/base/assert.h"

#define RAPIDJSON_ASSERT(expression) WHERRY_ASSERT(expression)
#define RAPIDJSON_NOEXCEPT_ASSERT(expression) WHERRY_ASSERT(expression)
// It makes an allocator of its own where it is given none: never here, and a board has no heap.
#define RAPIDJSON_NEW(allocator) \
  (WHERRY_ASSERT(false), static_cast<decltype(new allocator)>(nullptr))
#define RAPIDJSON_DELETE(allocator) static_cast<void>(allocator)
#define RAPIDJSON_HAS_CXX11_RVALUE_REFS 1
#define RAPIDJSON_HAS_CXX11_NOEXCEPT 1
// Its stack adds to a null pointer before it has memory. That is no overflow that could hide one.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((no_sanitize("pointer-overflow"))), apply_to = function)
#endif
#include <rapidjson/reader.h>
#include <rapidjson/writer.h>
#if defined(__clang__)
#pragma clang attribute pop
#endif

namespace wherry::app {

/// An allocator (RapidJSON's Allocator concept) that lends one piece of memory, once. What uses it
/// must be given that memory's whole size as its capacity, so that it never asks for more.
class LentMemory {
 public:
  static constexpr bool kNeedFree = false;

  LentMemory() noexcept = default;
  explicit LentMemory(std::span<char> memory) noexcept : memory_(memory) {}

  void* Malloc(std::size_t size) noexcept {
    if (size == 0) return nullptr;
    WHERRY_ASSERT(size <= memory_.size() && !is_lent_);
    is_lent_ = true;
    return memory_.data();
  }
  void* Realloc(void* original, std::size_t, std::size_t new_size) noexcept {
    WHERRY_ASSERT(original == nullptr);
    return Malloc(new_size);
  }
  static void Free(void*) noexcept {}

 private:
  std::span<char> memory_;
  bool is_lent_ = false;
};

}  // namespace wherry::app
