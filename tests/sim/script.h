// SPDX-License-Identifier: MIT
// Script: what one client of a simulation does, as a coroutine. It waits for what the world has to
// offer (World::until), and for other scripts. An exception goes to who waits for it.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace wherry::sim {

template <class T = void>
class Script;

namespace internal {

class ScriptPromise {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept { return next; }
      void await_resume() noexcept {}
      std::coroutine_handle<> next;
    };
    return Final{continuation ? continuation : std::noop_coroutine()};
  }
  void unhandled_exception() noexcept { exception = std::current_exception(); }

  std::coroutine_handle<> continuation;
  std::exception_ptr exception;
};

template <class T>
struct ValuePromise : ScriptPromise {
  Script<T> get_return_object();
  void return_value(T its_value) { value.emplace(std::move(its_value)); }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
  std::optional<T> value;
};

template <>
struct ValuePromise<void> : ScriptPromise {
  Script<void> get_return_object();
  void return_void() {}
  void take() {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace internal

template <class T>
class [[nodiscard]] Script {
 public:
  using promise_type = internal::ValuePromise<T>;

  explicit Script(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Script(Script&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Script& operator=(Script&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Script() {
    if (handle_) handle_.destroy();
  }

  /// Runs it until it first waits, where no script waits for it.
  void start() { handle_.resume(); }
  bool has_ended() const { return handle_.done(); }
  /// Of one that has ended. Throws what it threw.
  T result() { return handle_.promise().take(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) noexcept {
    handle_.promise().continuation = waiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace internal {

template <class T>
Script<T> ValuePromise<T>::get_return_object() {
  return Script<T>(std::coroutine_handle<ValuePromise<T>>::from_promise(*this));
}
inline Script<void> ValuePromise<void>::get_return_object() {
  return Script<void>(std::coroutine_handle<ValuePromise<void>>::from_promise(*this));
}

}  // namespace internal
}  // namespace wherry::sim
