// SPDX-License-Identifier: MIT
#include "wherry/net/sim/loop.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "wherry/base/assert.h"

namespace wherry::net::sim {

SimLoop::~SimLoop() { WHERRY_ASSERT(sleepers_.is_empty() && ready_list_.is_empty()); }

void SimLoop::run_until_idle() {
  bool is_busy = true;
  while (is_busy) {
    is_busy = run_due();
    is_busy |= run_posts();
    is_busy |= !ready_list_.is_empty();
    ready_list_.run_round();
  }
}

void SimLoop::advance(std::uint64_t duration_ms) {
  const std::uint64_t end_ms = now_ms_ + duration_ms;
  run_until_idle();
  while (true) {
    const std::optional<std::uint64_t> due_ms = next_due_ms();
    if (!due_ms || *due_ms > end_ms) break;
    now_ms_ = std::max(now_ms_, *due_ms);
    run_until_idle();
  }
  now_ms_ = end_ms;
}

bool SimLoop::run_until(const std::function<bool()>& condition, std::uint64_t within_ms) {
  const std::uint64_t end_ms = now_ms_ + within_ms;
  run_until_idle();
  while (!condition()) {
    const std::optional<std::uint64_t> due_ms = next_due_ms();
    if (!due_ms || *due_ms > end_ms) return false;
    advance(*due_ms - std::min(now_ms_, *due_ms));
  }
  return true;
}

void SimLoop::run_to_end() {
  run_until_idle();
  while (const std::optional<std::uint64_t> due_ms = next_due_ms()) {
    advance(*due_ms - std::min(now_ms_, *due_ms));
  }
}

void SimLoop::after(std::uint64_t delay_ms, std::function<void()> action) {
  events_.push({now_ms_ + delay_ms, event_count_++, std::move(action)});
}

bool SimLoop::wait_for_post(std::uint32_t real_ms) {
  std::unique_lock lock(post_mutex_);
  return post_came_.wait_for(lock, std::chrono::milliseconds(real_ms),
                             [this] { return has_posts_; });
}

void SimLoop::set_unix_time_s(std::optional<std::int64_t> time_s) {
  has_clock_ = time_s.has_value();
  if (has_clock_) unix_time_at_start_s_ = *time_s - static_cast<std::int64_t>(now_ms_ / 1000);
}

void SimLoop::post(coro::Completion& completion) noexcept {
  posted_.post(completion);
  const std::scoped_lock lock(post_mutex_);
  has_posts_ = true;
  post_came_.notify_one();
}

std::optional<std::int64_t> SimLoop::unix_time_s() const noexcept {
  if (!has_clock_) return std::nullopt;
  return unix_time_at_start_s_ + static_cast<std::int64_t>(now_ms_ / 1000);
}

void SimLoop::begin_sleep(Sleep& operation) noexcept {
  sleepers_.insert(operation, now_ms_ + operation.duration_ms());
}

std::optional<std::uint64_t> SimLoop::next_due_ms() const {
  std::uint64_t due_ms = UINT64_MAX;
  if (!events_.empty()) due_ms = events_.top().due_ms;
  if (!sleepers_.is_empty()) due_ms = std::min(due_ms, sleepers_.first_due_ms());
  for (const Timed* timed : watched_) due_ms = std::min(due_ms, timed->due_ms().value_or(due_ms));
  if (due_ms == UINT64_MAX) return std::nullopt;
  return due_ms;
}

// Returns: whether anything was due.
bool SimLoop::run_due() {
  const std::optional<std::uint64_t> due_ms = next_due_ms();
  if (!due_ms || *due_ms > now_ms_) return false;
  // Those that the actions ask for come in the next round, so that the ready list gets its turn.
  const std::uint64_t count_before = event_count_;
  while (!events_.empty() && events_.top().due_ms <= now_ms_ &&
         events_.top().number < count_before) {
    const std::function<void()> action = events_.top().action;
    events_.pop();
    action();
  }
  sleepers_.finish_due(now_ms_);
  for (Timed* timed : watched_) timed->finish_overdue(now_ms_);
  return true;
}

bool SimLoop::run_posts() {
  {
    const std::scoped_lock lock(post_mutex_);
    if (!std::exchange(has_posts_, false)) return false;
  }
  return posted_.run_all();
}

}  // namespace wherry::net::sim
