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
/// Lifetime: the operation's, which is that of the expression: for `co_await` only.
template <class Op>
class [[nodiscard]] AsResult {
 public:
  explicit AsResult(Op& operation) noexcept : operation_(&operation) {}
  Op& operation() const noexcept { return *operation_; }

 private:
  Op* operation_;
};

template <Operation Op>
AsResult<Op> as_result(Op&& operation) noexcept {
  return AsResult<Op>(operation);
}

// The awaiters refer to the operation: it lies in the frame already, where the expression that made
// it left it, and one that was moved would lie there twice.

/// `co_await operation`: its value, or the end of the coroutine.
template <Operation Op>
class AwaitValue {
 public:
  explicit AwaitValue(Op& operation) noexcept : operation_(&operation) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) const noexcept {
    return suspends(*operation_, coroutine.promise());
  }
  decltype(auto) await_resume() const noexcept { return operation_->take(); }

 private:
  /// Once for each kind of operation, not for each of those and each kind of coroutine.
  [[gnu::noinline]] static bool suspends(Op& operation, Waiter& waiter) noexcept {
    waiter.look_at_errors(false);
    if (!operation.start(waiter)) return true;
    if (operation.status() == Error::none) return false;
    waiter.end(operation.status());
    return true;
  }

  Op* operation_;
};

/// `co_await as_result(operation)`: always goes on, with a Result.
template <Operation Op>
class AwaitResult {
  using Value = std::remove_cvref_t<decltype(std::declval<Op&>().take())>;

 public:
  explicit AwaitResult(Op& operation) noexcept : operation_(&operation) {}

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> coroutine) const noexcept {
    return suspends(*operation_, coroutine.promise());
  }
  Result<Value> await_resume() const noexcept {
    if (operation_->status() != Error::none) return operation_->status();
    if constexpr (std::is_void_v<Value>) {
      return {};
    } else {
      return Result<Value>(operation_->take());
    }
  }

 private:
  [[gnu::noinline]] static bool suspends(Op& operation, Waiter& waiter) noexcept {
    waiter.look_at_errors(true);
    return !operation.start(waiter);
  }

  Op* operation_;
};

/// `co_await result`, of a Result that is there already: its value, or the end of the coroutine.
template <class T>
class AwaitReady {
 public:
  explicit AwaitReady(Result<T>& result) noexcept : result_(&result) {}

  bool await_ready() const noexcept { return result_->has_value(); }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> coroutine) const noexcept {
    coroutine.promise().end(result_->error());
  }
  T await_resume() const noexcept {
    if constexpr (!std::is_void_v<T>) return *std::move(*result_);
  }

 private:
  Result<T>* result_;
};

/// The promise of a coroutine that may await.
class AwaitingPromise : public FrameInArena, public Waiter {
 public:
  template <Operation Op>
  AwaitValue<Op> await_transform(Op&& operation) noexcept {
    return AwaitValue<Op>(operation);
  }
  template <class Op>
  AwaitResult<Op> await_transform(AsResult<Op> wrapped) noexcept {
    return AwaitResult<Op>(wrapped.operation());
  }
  template <class T>
  AwaitReady<T> await_transform(Result<T>&& result) noexcept {
    return AwaitReady<T>(result);
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
  /// What whoever destroys the coroutine does first.
  using Waiter::leave_ready_list;

 protected:
  AwaitingPromise(ReadyList& ready_list, Run run) noexcept : Waiter(ready_list, run) {}

  void set_outcome(Error error) noexcept { outcome_ = error; }

 private:
  Error outcome_ = Error::none;
};

}  // namespace wherry::coro
