// SPDX-License-Identifier: MIT
// Task<T>: a coroutine that ends with one value or one Error.
//
// Lazy: it runs when it is awaited. Awaited once, moved only, used by one loop. Destroying it
// cancels it: its frame's destructors run, and with them those of all that it awaits.
#pragma once

#include <coroutine>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "wherry/base/result.h"
#include "wherry/coro/promise.h"

namespace wherry::coro {

template <class T = void>
class Task;

namespace internal {

/// Room for the value that a Task ends with. A union, so that it costs no more than T and a flag.
template <class T>
class ReturnSlot {
 public:
  ReturnSlot() noexcept {}
  ~ReturnSlot() {
    if (is_set_) value_.~T();
  }
  ReturnSlot(const ReturnSlot&) = delete;
  ReturnSlot& operator=(const ReturnSlot&) = delete;

  template <class U>
  void set(U&& value) noexcept {
    new (static_cast<void*>(std::addressof(value_))) T(std::forward<U>(value));
    is_set_ = true;
  }
  T take() noexcept {
    WHERRY_ASSERT(is_set_);
    return std::move(value_);
  }

 private:
  union {
    T value_;
  };
  bool is_set_ = false;
};

template <class T>
class TaskPromiseBase : public AwaitingPromise {
 public:
  /// `co_return value`, `co_return Error::x` or `co_return result`.
  template <class U>
  void return_value(U&& value) noexcept {
    using V = std::remove_cvref_t<U>;
    if constexpr (std::is_same_v<V, Error>) {
      this->set_outcome(value);
    } else if constexpr (std::is_same_v<V, Result<T>>) {
      if (value.has_value()) {
        value_.set(*std::forward<U>(value));
      } else {
        this->set_outcome(value.error());
      }
    } else {
      value_.set(std::forward<U>(value));
    }
  }
  T take() noexcept { return value_.take(); }

 protected:
  using AwaitingPromise::AwaitingPromise;

 private:
  ReturnSlot<T> value_;
};

template <>
class TaskPromiseBase<void> : public AwaitingPromise {
 public:
  void return_void() const noexcept {}
  void take() const noexcept {}

 protected:
  using AwaitingPromise::AwaitingPromise;
};

}  // namespace internal

template <class T>
class [[nodiscard]] Task {
 public:
  class promise_type final : public internal::TaskPromiseBase<T> {
   public:
    template <HasContext C, class... Rest>
    explicit promise_type(C& owner, Rest&&...) noexcept
        : internal::TaskPromiseBase<T>(owner.context().ready_list(), &resume) {}
    template <class Object, HasContext C, class... Rest>
      requires(!HasContext<Object>)
    promise_type(Object&, C& owner, Rest&&...) noexcept
        : internal::TaskPromiseBase<T>(owner.context().ready_list(), &resume) {}

    Task get_return_object() noexcept { return Task(Handle::from_promise(*this)); }
    static Task get_return_object_on_allocation_failure() noexcept { return Task(); }

   private:
    static void resume(Waiter& waiter) noexcept {
      Handle::from_promise(static_cast<promise_type&>(waiter)).resume();
    }
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { reset(); }

  /// A Task that fails with Error::no_memory, as one does whose frame found no room.
  Task() noexcept = default;

  // Operation
  bool start(Waiter& waiter) noexcept {
    if (!handle_) return true;
    return handle_.promise().start_for(waiter, [this] { handle_.resume(); });
  }
  Error status() const noexcept { return handle_ ? handle_.promise().error() : Error::no_memory; }
  T take() noexcept { return handle_.promise().take(); }

 private:
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) noexcept : handle_(handle) {}
  void reset() noexcept {
    if (!handle_) return;
    handle_.promise().leave_ready_list();
    std::exchange(handle_, nullptr).destroy();
  }

  Handle handle_;
};

}  // namespace wherry::coro
