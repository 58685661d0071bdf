// SPDX-License-Identifier: MIT
// Scratch: what a request needs to keep until it has been answered: decoded names, reply texts.
//
// Taken from the connection's arena, given back all at once. Views into it need no owner.
#pragma once

#include <cstddef>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "wherry/base/result.h"
#include "wherry/coro/arena.h"

namespace wherry::app {

class Scratch {
 public:
  explicit Scratch(coro::Arena& arena) noexcept : arena_(&arena) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    while (newest_ != nullptr) coro::Arena::release(std::exchange(newest_, newest_->older));
  }

  /// Returns: `size` bytes.  Errors: no_memory.  Lifetime: that of the scratch.
  Result<std::span<char>> text(std::size_t size) noexcept {
    void* memory = take(size);
    if (memory == nullptr) return Error::no_memory;
    return std::span<char>(static_cast<char*>(memory), size);
  }

  /// Gives back what is behind the first `size` bytes of the newest text.
  void trim(std::size_t size) noexcept { coro::Arena::trim(newest_, sizeof(Block) + size); }

  /// Returns: a new T, or nullptr.  Lifetime: that of the scratch; its destructor is not run.
  template <class T, class... Args>
    requires std::is_trivially_destructible_v<T>
  T* make(Args&&... args) noexcept {
    void* memory = take(sizeof(T));
    return memory == nullptr ? nullptr : new (memory) T{std::forward<Args>(args)...};
  }

  /// Returns: `size` bytes for any object, or nullptr.  Lifetime: that of the scratch.
  void* take(std::size_t size) noexcept {
    void* memory = arena_->allocate(sizeof(Block) + size);
    if (memory == nullptr) return nullptr;
    newest_ = new (memory) Block{newest_};
    return newest_ + 1;
  }

 private:
  struct alignas(coro::Arena::kAlignment) Block {
    Block* older;
  };

  coro::Arena* arena_;
  Block* newest_ = nullptr;
};

}  // namespace wherry::app
