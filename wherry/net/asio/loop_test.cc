// SPDX-License-Identifier: MIT
// Time, posts from other threads, and stopping.
#include <ctime>

#include "wherry/net/asio/server_for_test.h"

namespace wherry::net::asio {
namespace {

using coro::Task;

// What a coroutine needs, without a connection.
struct Strand {
  explicit Strand(AsioLoop& its_loop) : loop(its_loop) {}
  coro::Context& context() { return context_; }

  AsioLoop& loop;
  std::array<std::byte, 1024> memory_;
  coro::Arena arena_{memory_};
  coro::Context context_{arena_, loop.ready_list()};
  bool has_ended = false;
  coro::Runner runner{
      loop.ready_list(),
      [](void* self, Error) noexcept { static_cast<Strand*>(self)->has_ended = true; }, this};
};

Task<> sleep_and_note(Strand& strand, std::uint32_t duration_ms, std::string* story, char name) {
  const std::uint64_t began_ms = strand.loop.uptime_ms();
  co_await strand.loop.sleep(duration_ms);
  EXPECT_GE(strand.loop.uptime_ms() - began_ms, duration_ms);
  *story += name;
}

Task<> stop_after(Strand& strand, std::uint32_t duration_ms) {
  co_await strand.loop.sleep(duration_ms);
  strand.loop.stop();
}

TEST(Loop, SleepersWakeInTheOrderOfTheirTimes) {
  AsioLoop loop;
  std::string story;
  std::deque<Strand> strands;
  char name = 'a';
  // The first is the longest: each shorter one must set the alarm to an earlier time.
  for (const std::uint32_t duration_ms : {60u, 40u, 20u, 20u, 0u, 40u, 60u}) {
    strands.emplace_back(loop);
    strands.back().runner.start(sleep_and_note(strands.back(), duration_ms, &story, name++));
  }
  Strand stopper(loop);
  stopper.runner.start(stop_after(stopper, 80));
  strands.at(3).runner.cancel();
  EXPECT_EQ(story, "");
  loop.run();
  EXPECT_EQ(story, "ecbfag");
}

Task<> sleep_often(Strand& strand, int count) {
  for (int i = 0; i < count; ++i) co_await strand.loop.sleep(0);
}

TEST(Loop, SleepOfNothingGivesOthersTheirTurn) {
  AsioLoop loop;
  Strand strand(loop);
  strand.runner.start(sleep_often(strand, 100));
  Strand stopper(loop);
  stopper.runner.start(stop_after(stopper, 200));
  EXPECT_FALSE(strand.has_ended);
  loop.run();
  EXPECT_TRUE(strand.has_ended);
}

TEST(Loop, UptimeAndClockAgreeWithTheSystem) {
  AsioLoop loop;
  const std::uint64_t began_ms = loop.uptime_ms();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_GE(loop.uptime_ms(), began_ms + 20);
  EXPECT_LT(loop.uptime_ms(), 600'000u);  // since this program started
  EXPECT_LE(std::abs(loop.unix_time_s().value() - std::time(nullptr)), 1);
}

struct CountingWork : coro::Completion {
  explicit CountingWork(std::thread::id the_loops_thread)
      : Completion(&run_it), loops_thread(the_loops_thread) {}
  static void run_it(Completion& self) noexcept {
    auto& work = static_cast<CountingWork&>(self);
    EXPECT_EQ(std::this_thread::get_id(), work.loops_thread);
    ++work.run_count;
    work.is_free.store(true, std::memory_order_release);
  }
  std::thread::id loops_thread;
  std::atomic<bool> is_free = true;
  int run_count = 0;
};

TEST(Loop, RunsEachOfAHundredThousandPosts) {
  LoopThread thread;
  thread.start();
  std::thread::id loops_thread;
  thread.call([&] { loops_thread = std::this_thread::get_id(); });

  constexpr int kThreads = 4;
  constexpr int kPosts = 25'000;
  std::deque<CountingWork> works;
  std::vector<std::thread> posters;
  for (int i = 0; i < kThreads * 8; ++i) works.emplace_back(loops_thread);
  for (std::size_t t = 0; t < kThreads; ++t) {
    posters.emplace_back([&, t] {
      for (std::size_t i = 0; i < kPosts; ++i) {
        CountingWork& work = works[t * 8 + i % 8];
        while (!work.is_free.exchange(false, std::memory_order_acquire)) std::this_thread::yield();
        thread.loop.post(work);
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  thread.call([] {});  // comes after all of them
  int run_count = 0;
  thread.call([&] {
    for (const CountingWork& work : works) run_count += work.run_count;
  });
  EXPECT_EQ(run_count, kThreads * kPosts);
}

// A work that posts itself for ever must not keep the loop from anything else.
struct RestlessWork : coro::Completion {
  explicit RestlessWork(AsioLoop& its_loop) : Completion(&run_it), loop(its_loop) {}
  static void run_it(Completion& self) noexcept {
    auto& work = static_cast<RestlessWork&>(self);
    if (!work.is_over) work.loop.post(work);
  }
  AsioLoop& loop;
  bool is_over = false;
};

TEST(Loop, PostsWithoutEndLeaveTimeForSleepers) {
  AsioLoop loop;
  RestlessWork work(loop);
  loop.post(work);
  Strand stopper(loop);
  stopper.runner.start(stop_after(stopper, 30));
  loop.run();
  work.is_over = true;
  loop.stop();
  loop.run();
}

TEST(Loop, StopsFromAnyThreadAndRunsAgain) {
  AsioLoop loop;
  for (int i = 0; i < 200; ++i) {
    std::thread stopper([&] { loop.stop(); });
    loop.run();  // asleep or not yet begun when it is told
    stopper.join();
  }
  std::thread::id ran_on;
  struct Note : coro::Completion {
    Note(AsioLoop& its_loop, std::thread::id& where)
        : Completion([](Completion& self) noexcept {
            auto& note = static_cast<Note&>(self);
            note.ran_on = std::this_thread::get_id();
            note.loop.stop();
          }),
          loop(its_loop),
          ran_on(where) {}
    AsioLoop& loop;
    std::thread::id& ran_on;
  };
  Note note(loop, ran_on);
  loop.post(note);
  loop.run();
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

}  // namespace
}  // namespace wherry::net::asio
