// SPDX-License-Identifier: MIT
// For tests alone: a loop without a network. Runs what is ready and what comes back from elsewhere,
// until what the test waits for has happened.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "wherry/base/bytes.h"
#include "wherry/base/error.h"
#include "wherry/base/result.h"
#include "wherry/coro/context.h"
#include "wherry/coro/mailbox.h"
#include "wherry/coro/operation.h"
#include "wherry/coro/sink.h"

namespace wherry::storage {

class TestLoop final : public coro::Mailbox {
 public:
  void post(coro::Completion& completion) noexcept override {
    const std::lock_guard lock(mutex_);
    completion.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &completion;
    last_ = &completion;
    arrived_.notify_one();
  }

  coro::ReadyList& ready_list() { return ready_list_; }
  coro::Context& context() { return context_; }
  coro::Arena& arena() { return arena_; }

  /// Looked at in each turn: a stand-in for the network. Returns whether something moved.
  void look_at(std::function<bool()> network) { network_.push_back(std::move(network)); }

  void look_at_nothing() { network_.clear(); }

  /// One turn. Returns: whether anything ran.
  bool turn() {
    bool moved = false;
    for (const auto& look : network_) moved = look() || moved;
    while (coro::Completion* completion = take()) {
      completion->run(*completion);
      moved = true;
    }
    if (!ready_list_.is_empty()) {
      ready_list_.run_round();
      moved = true;
    }
    return moved;
  }

  /// Takes turns until `has_happened`. Returns: false when that took more than a minute.
  template <class Predicate>
  bool run_until(Predicate has_happened) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!has_happened()) {
      if (turn()) continue;
      if (std::chrono::steady_clock::now() > give_up) return false;
      std::unique_lock lock(mutex_);
      arrived_.wait_for(lock, std::chrono::milliseconds(network_.empty() ? 20 : 1),
                        [this] { return first_ != nullptr; });
    }
    return true;
  }

  /// Starts `operation` and runs until it has ended. Returns: its Result.
  template <coro::Operation Op>
  auto run(Op operation);

 private:
  coro::Completion* take() {
    const std::lock_guard lock(mutex_);
    coro::Completion* completion = first_;
    if (completion != nullptr) first_ = completion->next;
    if (first_ == nullptr) last_ = nullptr;
    return completion;
  }

  alignas(16) std::array<std::byte, 64 * 1024> memory_;
  coro::Arena arena_{memory_};
  coro::ReadyList ready_list_;
  coro::Context context_{arena_, ready_list_};
  std::vector<std::function<bool()>> network_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  coro::Completion* first_ = nullptr;
  coro::Completion* last_ = nullptr;
};

/// Whether `result` is a value that equals `expected`; the contents of long texts are not printed.
template <class T, class U>
::testing::AssertionResult holds(const Result<T>& result, const U& expected) {
  if (!result) {
    return ::testing::AssertionFailure() << "ended with: " << describe(result.error()).text;
  }
  if (*result == expected) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "holds something else";
}

/// An operation that has been started. Destroying it cancels it.
template <coro::Operation Op>
class Started {
 public:
  using Value = std::remove_cvref_t<decltype(std::declval<Op&>().take())>;

  Started(TestLoop& loop, Op operation)
      : loop_(loop), waiter_(loop.ready_list()), operation_(std::move(operation)) {
    waiter_.has_run = operation_.start(waiter_);
  }

  bool has_ended() const { return waiter_.has_run; }
  Result<Value> wait() {
    if (!loop_.run_until([this] { return has_ended(); })) ADD_FAILURE() << "never ended";
    if (operation_.status() != Error::none) return operation_.status();
    if constexpr (std::is_void_v<Value>) {
      operation_.take();
      return {};
    } else {
      return Result<Value>(operation_.take());
    }
  }

 private:
  struct Waiter : coro::Waiter {
    explicit Waiter(coro::ReadyList& ready_list)
        : coro::Waiter(ready_list, [](coro::Waiter& waiter) noexcept {
            static_cast<Waiter&>(waiter).has_run = true;
          }) {
      look_at_errors(true);
    }
    ~Waiter() { leave_ready_list(); }
    bool has_run = false;
  };

  TestLoop& loop_;
  Waiter waiter_;
  Op operation_;
};

template <coro::Operation Op>
auto TestLoop::run(Op operation) {
  return Started<Op>(*this, std::move(operation)).wait();
}

/// A sink that keeps what it is given. Takes it at once, or only when the test says so.
class TextSink final : public coro::Sink {
 public:
  const std::string& text() const { return text_; }
  void hold(bool holds) {
    holds_ = holds;
    if (!holds && write_ != nullptr) take(*std::exchange(write_, nullptr));
  }
  bool is_waiting() const { return write_ != nullptr; }
  void fail_with(Error error) { error_ = error; }

 private:
  void begin_write(Write& operation) noexcept override {
    if (holds_) {
      write_ = &operation;
    } else {
      take(operation);
    }
  }
  void cancel_write(Write&) noexcept override { write_ = nullptr; }
  void begin_writable(Writable& operation) noexcept override { operation.finish(); }
  void cancel_writable(Writable&) noexcept override {}
  void on_sent_directly() noexcept override {}

  void take(Write& operation) {
    if (error_ != Error::none) return operation.finish(error_);
    for (const Bytes piece : operation.pieces()) text_ += as_text(piece);
    operation.advance(operation.remaining());
    operation.finish();
  }

  std::string text_;
  Write* write_ = nullptr;
  bool holds_ = false;
  Error error_ = Error::none;
};

}  // namespace wherry::storage
