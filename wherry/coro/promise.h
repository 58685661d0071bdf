// SPDX-License-Identifier: MIT
// PromiseBase: what Task, Generator and AsyncGenerator have in common: where a frame's memory comes
// from, how an await ends a coroutine, and how a loop resumes it. For those three only.
#pragma once

#include <coroutine>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/base/result.h"
#include "wherry/coro/context.h"
#include "wherry/coro/operation.h"
#include "wherry/coro/waiter.h"

namespace wherry::coro {

/// Puts a coroutine's frame into the arena that its first (or, for a member function, second)
/// parameter leads to. Exhaustion makes the call return an empty Task or Generator.
struct FrameInArena {
  template <HasContext C, class... Rest>
  static void* operator new(std::size_t size, C& owner, Rest&&...) noexcept {
    return owner.context().arena().allocate(size);
  }
  template <class Object, HasContext C, class... Rest>
    requires(!HasContext<Object>)
  static void* operator new(std::size_t size, Object&, C& owner, Rest&&...) noexcept {
    return owner.context().arena().allocate(size);
  }
  // Inlined even without optimisation: g++ 12 takes a template `new` and a plain `delete` for a
  // mismatch (-Wmismatched-new-delete) wherever it sees the two as calls.
  [[gnu::always_inline]] static void operator delete(void* frame, std::size_t) noexcept {
    Arena::release(frame);
  }

  [[noreturn]] void unhandled_exception() noexcept {
    panic("a coroutine of Wherry throws nothing", __FILE__, __LINE__);
  }
};

/// Wraps an operation so that its outcome is a Result to look at, whatever it is:
/// `auto result = co_await as_result(operation); if (!result) …`.
template <class Op>
class AsResult {
 public:
  explicit AsResult(Op operation) noexcept : operation_(std::move(operation)) {}
  Op release() noexcept { return std::move(operation_); }

 private:
  Op operation_;
};

template <Operation Op>
AsResult<Op> as_result(Op operation) noexcept {
  return AsResult<Op>(std::move(operation));
}

/// `co_await operation`: its value, or the end of the coroutine.
template <Operation Op>
class AwaitValue {
 public:
  explicit AwaitValue(Op operation) noexcept : operation_(std::move(operation)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) noexcept {
    Waiter& waiter = coroutine.promise();
    waiter.look_at_errors(false);
    if (!operation_.start(waiter)) return true;
    if (operation_.status() == Error::none) return false;
    waiter.end(operation_.status());
    return true;
  }
  decltype(auto) await_resume() noexcept { return operation_.take(); }

 private:
  Op operation_;
};

/// `co_await as_result(operation)`: always goes on, with a Result.
template <Operation Op>
class AwaitResult {
  using Value = std::remove_cvref_t<decltype(std::declval<Op&>().take())>;

 public:
  explicit AwaitResult(Op operation) noexcept : operation_(std::move(operation)) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) noexcept {
    Waiter& waiter = coroutine.promise();
    waiter.look_at_errors(true);
    return !operation_.start(waiter);
  }
  Result<Value> await_resume() noexcept {
    if (operation_.status() != Error::none) return operation_.status();
    if constexpr (std::is_void_v<Value>) {
      return {};
    } else {
      return Result<Value>(operation_.take());
    }
  }

 private:
  Op operation_;
};

/// A Result that is there already, awaited like an operation: its value, or the end.
template <class T>
class ReadyResult {
 public:
  explicit ReadyResult(Result<T> result) noexcept : result_(std::move(result)) {}
  bool start(Waiter&) const noexcept { return true; }
  Error status() const noexcept { return error_of(result_); }
  T take() noexcept {
    if constexpr (!std::is_void_v<T>) return *std::move(result_);
  }

 private:
  Result<T> result_;
};

/// The promise of a coroutine that may await.
class AwaitingPromise : public FrameInArena, public Waiter {
 public:
  template <Operation Op>
  AwaitValue<Op> await_transform(Op operation) noexcept {
    return AwaitValue<Op>(std::move(operation));
  }
  template <class Op>
  AwaitResult<Op> await_transform(AsResult<Op> wrapped) noexcept {
    return AwaitResult<Op>(wrapped.release());
  }
  template <class T>
  AwaitValue<ReadyResult<T>> await_transform(Result<T> result) noexcept {
    return AwaitValue<ReadyResult<T>>(ReadyResult<T>(std::move(result)));
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  /// Suspends for the last time: the owner destroys the frame.
  struct End {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> coroutine) const noexcept {
      AwaitingPromise& promise = coroutine.promise();
      promise.end(promise.outcome_);
    }
    void await_resume() const noexcept {}
  };
  End final_suspend() const noexcept { return {}; }

  /// Starts or continues the coroutine for `parent`. Returns: true when it has ended or yielded.
  using Waiter::start_for;

 protected:
  AwaitingPromise(ReadyList& ready_list, Run run) noexcept : Waiter(ready_list, run) {}

  void set_outcome(Error error) noexcept { outcome_ = error; }

 private:
  Error outcome_ = Error::none;
};

}  // namespace wherry::coro
