// SPDX-License-Identifier: MIT
// SimLoop: a loop whose time is simulated: hours pass in no time, and always in the same way.
//
// For tests of whatever runs on a net::Loop. Time passes only in advance(), run_until() and
// run_to_end(); what is due at one moment happens in the order in which it was asked for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "wherry/coro/mailbox.h"
#include "wherry/net/net.h"
#include "wherry/net/posted_list.h"
#include "wherry/net/sleep_list.h"

namespace wherry::net::sim {

/// Something with a time limit that the loop watches.
class Timed {
 public:
  /// Returns: when its next limit runs out; none: it has none now.
  virtual std::optional<std::uint64_t> due_ms() const noexcept = 0;
  virtual void finish_overdue(std::uint64_t now_ms) noexcept = 0;

 protected:
  ~Timed() = default;
};

class SimLoop final : public Loop, public coro::Mailbox {
 public:
  /// `seed`: of random_bits().
  explicit SimLoop(std::uint64_t seed = 1) : random_(seed) {}
  /// No sleep is pending and nobody is ready.
  ~SimLoop();
  SimLoop(const SimLoop&) = delete;
  SimLoop& operator=(const SimLoop&) = delete;

  /// Runs all that can run now. No time passes.
  void run_until_idle();

  /// Lets `duration_ms` pass and runs all that is due meanwhile, each at its time.
  void advance(std::uint64_t duration_ms);

  /// Jumps from one due time to the next until `condition` holds.
  /// Returns: whether it did within `within_ms` of simulated time.
  bool run_until(const std::function<bool()>& condition, std::uint64_t within_ms = 3'600'000);

  /// The same until nothing is due any more; idle limits run out on the way.
  void run_to_end();

  /// Does `action` once `delay_ms` have passed; 0: the next time that the loop runs.
  void after(std::uint64_t delay_ms, std::function<void()> action);

  /// Waits in real time for a post from another thread.
  /// Returns: whether there is one; it runs when the loop runs next.
  bool wait_for_post(std::uint32_t real_ms);

  /// What unix_time_s() tells at this moment; it goes on with the simulated time. None: no clock.
  void set_unix_time_s(std::optional<std::int64_t> time_s);

  void watch(Timed& timed) { watched_.push_back(&timed); }
  void forget(Timed& timed) { std::erase(watched_, &timed); }

  // Mailbox
  void post(coro::Completion& completion) noexcept override;

  // Loop
  std::uint64_t uptime_ms() const noexcept override { return now_ms_; }
  std::optional<std::int64_t> unix_time_s() const noexcept override;
  std::uint64_t random_bits() noexcept override { return random_(); }
  coro::ReadyList& ready_list() noexcept override { return ready_list_; }

 protected:
  void begin_sleep(Sleep& operation) noexcept override;
  void cancel_sleep(Sleep& operation) noexcept override { sleepers_.remove(operation); }

 private:
  struct Event {
    std::uint64_t due_ms;
    std::uint64_t number;  // the order in which they were asked for
    std::function<void()> action;
    bool operator>(const Event& other) const {
      return due_ms != other.due_ms ? due_ms > other.due_ms : number > other.number;
    }
  };

  std::optional<std::uint64_t> next_due_ms() const;
  bool run_due();
  bool run_posts();

  std::uint64_t now_ms_ = 0;
  std::int64_t unix_time_at_start_s_ = 1'800'000'000;
  bool has_clock_ = true;
  coro::ReadyList ready_list_;
  SleepList sleepers_;
  std::vector<Timed*> watched_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t event_count_ = 0;
  std::mt19937_64 random_;

  PostedList posted_;
  std::mutex post_mutex_;
  std::condition_variable post_came_;
  bool has_posts_ = false;  // under post_mutex_
};

}  // namespace wherry::net::sim
