// SPDX-License-Identifier: MIT
// A list of bounded length held in place: ranges of a request, route parameters, header fields.
// Knows no heap. Exactly the first size() places hold objects; each is destroyed once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "wherry/base/assert.h"

namespace wherry {

/// Up to `N` objects of type `T`, stored inside the object.
/// Lifetime: references and spans end with the vector, with clear() and with assignment.
template <class T, std::size_t N>
class FixedVector {
  static_assert(N > 0);
  static_assert(std::is_nothrow_destructible_v<T>);

 public:
  FixedVector() noexcept {}
  FixedVector(const FixedVector& other) noexcept
    requires std::is_nothrow_copy_constructible_v<T>
  {
    append_all(other);
  }
  /// Moves each item; `other` keeps as many items, each as its move left it.
  FixedVector(FixedVector&& other) noexcept
    requires std::is_nothrow_move_constructible_v<T>
  {
    append_all(std::move(other));
  }
  FixedVector& operator=(const FixedVector& other) noexcept
    requires std::is_nothrow_copy_constructible_v<T>
  {
    if (this != &other) {
      clear();
      append_all(other);
    }
    return *this;
  }
  FixedVector& operator=(FixedVector&& other) noexcept
    requires std::is_nothrow_move_constructible_v<T>
  {
    if (this != &other) {
      clear();
      append_all(std::move(other));
    }
    return *this;
  }
  ~FixedVector() { clear(); }

  /// Returns: false, and nothing has changed, when the vector is full.
  [[nodiscard]] bool push_back(const T& item) noexcept
    requires std::is_nothrow_copy_constructible_v<T>
  {
    return emplace_back(item) != nullptr;
  }
  /// Returns: false, and `item` still has its value, when the vector is full.
  [[nodiscard]] bool push_back(T&& item) noexcept
    requires std::is_nothrow_move_constructible_v<T>
  {
    return emplace_back(std::move(item)) != nullptr;
  }

  /// Makes an item in place. Returns: the item; null, and nothing has changed, when full.
  template <class... Arguments>
    requires std::is_nothrow_constructible_v<T, Arguments...>
  [[nodiscard]] T* emplace_back(Arguments&&... arguments) noexcept {
    if (size_ == N) return nullptr;
    T* item = std::construct_at(items_ + size_, std::forward<Arguments>(arguments)...);
    ++size_;
    return item;
  }

  /// Destroys all items, the last first.
  void clear() noexcept {
    while (size_ > 0) std::destroy_at(items_ + --size_);
  }

  T& operator[](std::size_t index) noexcept {
    WHERRY_ASSERT(index < size_);
    return items_[index];
  }
  const T& operator[](std::size_t index) const noexcept {
    WHERRY_ASSERT(index < size_);
    return items_[index];
  }

  T* begin() noexcept { return items_; }
  T* end() noexcept { return items_ + size_; }
  const T* begin() const noexcept { return items_; }
  const T* end() const noexcept { return items_ + size_; }

  std::span<T> span() noexcept { return {items_, size_}; }
  std::span<const T> span() const noexcept { return {items_, size_}; }

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  bool full() const noexcept { return size_ == N; }
  static constexpr std::size_t capacity() noexcept { return N; }

 private:
  void append_all(const FixedVector& other) noexcept {
    for (const T& item : other) static_cast<void>(emplace_back(item));
  }
  void append_all(FixedVector&& other) noexcept {
    for (T& item : other) static_cast<void>(emplace_back(std::move(item)));
  }

  union {
    T items_[N];  // the union leaves construction and destruction of each item to us
  };
  std::size_t size_ = 0;
};

}  // namespace wherry
