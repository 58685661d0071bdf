// SPDX-License-Identifier: MIT
// Generator<T>: a coroutine that makes values without waiting for anything.
// AsyncGenerator<T>: one that may await between its values.
//
//     while (auto value = generator.next()) …
//     while (auto value = co_await generator.next()) …
//
// A view that one yields is valid until the next next(). Both are lazy and moved only; destroying
// one ends it where it stands.
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "wherry/coro/promise.h"

namespace wherry::coro {

template <class T>
class [[nodiscard]] Generator {
 public:
  class promise_type final : public FrameInArena {
   public:
    Generator get_return_object() noexcept { return Generator(Handle::from_promise(*this)); }
    static Generator get_return_object_on_allocation_failure() noexcept { return Generator(); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    std::suspend_always yield_value(T value) noexcept {
      value_ = std::move(value);
      return {};
    }
    void return_void() const noexcept {}
    void await_transform() = delete;

   private:
    friend class Generator;
    T value_{};
  };

  /// An empty generator: one whose frame found no room in the arena.
  Generator() noexcept = default;
  Generator(Generator&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Generator() { reset(); }

  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

  /// Returns: the next value; nullopt at the end, and ever after.
  std::optional<T> next() noexcept {
    if (!handle_ || handle_.done()) return std::nullopt;
    handle_.resume();
    if (handle_.done()) return std::nullopt;
    return std::move(handle_.promise().value_);
  }

 private:
  using Handle = std::coroutine_handle<promise_type>;

  explicit Generator(Handle handle) noexcept : handle_(handle) {}
  void reset() noexcept {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

  Handle handle_;
};

template <class T>
class [[nodiscard]] AsyncGenerator {
 public:
  class promise_type final : public AwaitingPromise {
   public:
    template <HasContext C, class... Rest>
    explicit promise_type(C& owner, Rest&&...) noexcept
        : AwaitingPromise(owner.context().ready_list(), &resume) {}

    AsyncGenerator get_return_object() noexcept {
      return AsyncGenerator(Handle::from_promise(*this));
    }
    static AsyncGenerator get_return_object_on_allocation_failure() noexcept {
      return AsyncGenerator();
    }
    auto yield_value(T value) noexcept {
      value_ = std::move(value);
      has_value_ = true;
      struct Yield {
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> coroutine) const noexcept {
          coroutine.promise().tell_parent(Error::none);
        }
        void await_resume() const noexcept {}
      };
      return Yield{};
    }
    void return_void() const noexcept {}

   private:
    friend class AsyncGenerator;
    static void resume(Waiter& waiter) noexcept {
      Handle::from_promise(static_cast<promise_type&>(waiter)).resume();
    }

    T value_{};
    bool has_value_ = false;
  };

  /// The operation of waiting for the next value: nullopt at the end, and ever after.
  class Next {
   public:
    bool start(Waiter& waiter) noexcept {
      if (!generator_->handle_) return true;
      promise_type& promise = generator_->handle_.promise();
      if (promise.has_ended()) return true;
      promise.has_value_ = false;
      promise.start_for(waiter, [this] { generator_->handle_.resume(); });
      return promise.has_value_ || promise.has_ended();
    }
    Error status() const noexcept {
      return generator_->handle_ ? generator_->handle_.promise().error() : Error::no_memory;
    }
    std::optional<T> take() noexcept {
      promise_type& promise = generator_->handle_.promise();
      if (promise.has_ended()) return std::nullopt;
      return std::move(promise.value_);
    }

   private:
    friend class AsyncGenerator;
    explicit Next(AsyncGenerator& generator) noexcept : generator_(&generator) {}
    AsyncGenerator* generator_;
  };

  /// An empty generator: one whose frame found no room in the arena.
  AsyncGenerator() noexcept = default;
  AsyncGenerator(AsyncGenerator&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  AsyncGenerator& operator=(AsyncGenerator&& other) noexcept {
    if (this != &other) {
      reset();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~AsyncGenerator() { reset(); }

  explicit operator bool() const noexcept { return static_cast<bool>(handle_); }

  /// Lifetime: the generator stays where it is while the wait is pending.
  Next next() noexcept { return Next(*this); }

 private:
  using Handle = std::coroutine_handle<promise_type>;

  explicit AsyncGenerator(Handle handle) noexcept : handle_(handle) {}
  void reset() noexcept {
    if (!handle_) return;
    handle_.promise().leave_ready_list();
    std::exchange(handle_, nullptr).destroy();
  }

  Handle handle_;
};

}  // namespace wherry::coro
