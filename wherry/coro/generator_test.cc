// SPDX-License-Identifier: MIT
#include "wherry/coro/generator.h"

#include <gtest/gtest.h>

#include <array>

#include "wherry/coro/runner.h"

namespace wherry::coro {
namespace {

struct World {
  alignas(16) std::array<std::byte, 4096> memory;
  Arena arena{memory};
  ReadyList ready;
  Context scope{arena, ready};
  Context& context() { return scope; }
  void run() {
    while (!ready.is_empty()) ready.run_round();
  }
};

// An operation that ends on the test's word, or at once.
struct Gate {
  class Pass : public LeafOperation {
   public:
    explicit Pass(Gate& gate) noexcept : gate_(&gate) {}
    Pass(Pass&&) = default;
    ~Pass() {
      if (is_pending()) gate_->waiting = nullptr;
    }
    bool start(Waiter& waiter) noexcept {
      return begin_for(waiter, [this] {
        if (gate_->is_open) {
          finish();
        } else {
          gate_->waiting = this;
        }
      });
    }
    void take() const noexcept {}

   private:
    Gate* gate_;
  };
  Pass pass() noexcept { return Pass(*this); }
  void let_through(Error error = Error::none) { std::exchange(waiting, nullptr)->finish(error); }

  Pass* waiting = nullptr;
  bool is_open = false;
};

Generator<int> count_to(World&, int last) {
  for (int i = 1; i <= last; ++i) co_yield i;
}

TEST(Generator, YieldsItsValuesThenNothingForEver) {
  World world;
  {
    Generator<int> generator = count_to(world, 3);
    int sum = 0;
    while (const auto value = generator.next()) sum += *value;
    EXPECT_EQ(sum, 6);
    EXPECT_FALSE(generator.next().has_value());
  }
  EXPECT_EQ(world.arena.live_count(), 0u);
}

TEST(Generator, WithoutRoomForItsFrameIsEmpty) {
  World world;
  world.arena.fail_from(0);
  Generator<int> generator = count_to(world, 3);
  EXPECT_FALSE(static_cast<bool>(generator));
  EXPECT_FALSE(generator.next().has_value());
}

TEST(Generator, OutlivesTheFrameThatWasMadeBeforeIt) {
  World world;
  Generator<int> kept;
  {
    Generator<int> handler = count_to(world, 1);
    kept = count_to(world, 2);
  }
  EXPECT_EQ(*kept.next(), 1);
  EXPECT_EQ(*kept.next(), 2);
  EXPECT_FALSE(kept.next().has_value());
}

AsyncGenerator<int> gated(World&, Gate& gate, int last) {
  for (int i = 1; i <= last; ++i) {
    co_await gate.pass();
    co_yield i;
  }
}

Task<> collect(World&, AsyncGenerator<int> generator, int& sum) {
  while (const auto value = co_await generator.next()) sum += *value;
  sum += 1000;
}

struct Outcome {
  bool has_ended = false;
  Error error = Error::none;
  static void set(void* owner, Error error) noexcept {
    *static_cast<Outcome*>(owner) = {true, error};
  }
};

TEST(AsyncGenerator, AwaitsBetweenItsValues) {
  World world;
  Gate gate;
  Outcome outcome;
  Runner runner(world.ready, &Outcome::set, &outcome);
  int sum = 0;
  runner.start(collect(world, gated(world, gate, 3), sum));
  for (int i = 0; i < 3; ++i) {
    ASSERT_NE(gate.waiting, nullptr);
    gate.let_through();
    world.run();
  }
  EXPECT_EQ(sum, 1006);
  EXPECT_TRUE(outcome.has_ended);
  EXPECT_EQ(outcome.error, Error::none);
  EXPECT_EQ(world.arena.live_count(), 0u);
}

TEST(AsyncGenerator, YieldsWithoutSuspendingWhenNothingWaits) {
  World world;
  Gate gate;
  gate.is_open = true;
  Outcome outcome;
  Runner runner(world.ready, &Outcome::set, &outcome);
  int sum = 0;
  runner.start(collect(world, gated(world, gate, 100), sum));
  world.run();
  EXPECT_EQ(sum, 1000 + 5050);
}

TEST(AsyncGenerator, PassesTheErrorOfWhatItAwaitsToItsConsumer) {
  World world;
  Gate gate;
  Outcome outcome;
  Runner runner(world.ready, &Outcome::set, &outcome);
  int sum = 0;
  runner.start(collect(world, gated(world, gate, 3), sum));
  gate.let_through();
  world.run();
  gate.let_through(Error::disk_failed);
  world.run();
  EXPECT_EQ(sum, 1);
  EXPECT_EQ(outcome.error, Error::disk_failed);
  EXPECT_EQ(world.arena.live_count(), 0u);
}

TEST(AsyncGenerator, DestroyedInTheMiddleUnlinksItsWait) {
  World world;
  Gate gate;
  Runner runner(world.ready, &Outcome::set, nullptr);
  int sum = 0;
  runner.start(collect(world, gated(world, gate, 3), sum));
  ASSERT_NE(gate.waiting, nullptr);
  runner.cancel();
  EXPECT_EQ(gate.waiting, nullptr);
  EXPECT_EQ(world.arena.live_count(), 0u);
}

TEST(AsyncGenerator, WithoutRoomForItsFrameFailsWithNoMemory) {
  World world;
  Gate gate;
  Outcome outcome;
  Runner runner(world.ready, &Outcome::set, &outcome);
  int sum = 0;
  world.arena.fail_from(0);
  AsyncGenerator<int> generator = gated(world, gate, 3);
  world.arena.fail_from(0xFFFFFFFFu);
  runner.start(collect(world, std::move(generator), sum));
  world.run();
  EXPECT_EQ(outcome.error, Error::no_memory);
}

}  // namespace
}  // namespace wherry::coro
