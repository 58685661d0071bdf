// SPDX-License-Identifier: MIT
// HandlerMemory: where Asio keeps its note of one wait. It lies in the object that waits, so that
// waiting takes nothing from the heap.
//
// Invariant: one wait at a time. Asio gives the memory back before it calls the handler, which may
// therefore wait again.
#pragma once

#include <cstddef>

#include "wherry/base/assert.h"

namespace wherry::net::asio {

class HandlerMemory {
 public:
  static constexpr std::size_t kSize = 128;

  HandlerMemory() = default;
  HandlerMemory(const HandlerMemory&) = delete;
  HandlerMemory& operator=(const HandlerMemory&) = delete;

  void* take() noexcept {
    WHERRY_ASSERT(!is_taken_);
    is_taken_ = true;
    return bytes_;
  }
  void give_back() noexcept { is_taken_ = false; }

 private:
  alignas(std::max_align_t) std::byte bytes_[kSize];
  bool is_taken_ = false;
};

/// The allocator through which Asio finds it.
template <class T>
class HandlerAllocator {
 public:
  using value_type = T;

  explicit HandlerAllocator(HandlerMemory& memory) noexcept : memory_(&memory) {}
  template <class U>
  HandlerAllocator(const HandlerAllocator<U>& other) noexcept : memory_(other.memory_) {}

  T* allocate(std::size_t count) noexcept {
    static_assert(sizeof(T) <= HandlerMemory::kSize && alignof(T) <= alignof(std::max_align_t));
    WHERRY_ASSERT(count == 1);
    return static_cast<T*>(memory_->take());
  }
  void deallocate(T*, std::size_t) noexcept { memory_->give_back(); }

  template <class U>
  bool operator==(const HandlerAllocator<U>& other) const noexcept {
    return memory_ == other.memory_;
  }

 private:
  template <class U>
  friend class HandlerAllocator;
  HandlerMemory* memory_;
};

/// Calls `(owner.*kEnded)()` when a wait has ended, whether what it waited for has come or it was
/// cancelled: the owner knows which from its own state.
template <class Owner, void (Owner::*kEnded)() noexcept>
class Handler {
 public:
  using allocator_type = HandlerAllocator<void>;

  Handler(Owner& owner, HandlerMemory& memory) noexcept : owner_(&owner), memory_(&memory) {}

  allocator_type get_allocator() const noexcept { return allocator_type(*memory_); }

  template <class ErrorCode>
  void operator()(const ErrorCode&) const noexcept {
    (owner_->*kEnded)();
  }

 private:
  Owner* owner_;
  HandlerMemory* memory_;
};

}  // namespace wherry::net::asio
