// SPDX-License-Identifier: MIT
#include "wherry/coro/task.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>

#include "wherry/coro/runner.h"

namespace wherry::coro {
namespace {

// Stands for a port: operations that end when the test says so.
class Port {
 public:
  class Op : public LeafOperation {
   public:
    explicit Op(Port& port) noexcept : port_(&port) {}
    Op(Op&&) = default;
    ~Op() {
      if (is_pending()) port_->pending_ = nullptr;
    }
    bool start(Waiter& waiter) noexcept {
      return begin_for(waiter, [this] {
        port_->pending_ = this;
        if (port_->ends_at_once_) port_->end(port_->at_once_);
      });
    }
    int take() noexcept { return 7; }

   private:
    Port* port_;
  };

  Op operation() noexcept { return Op(*this); }
  void end(Error error) { std::exchange(pending_, nullptr)->finish(error); }
  bool is_waited_for() const { return pending_ != nullptr; }
  void end_at_once_with(Error error) {
    ends_at_once_ = true;
    at_once_ = error;
  }

 private:
  Op* pending_ = nullptr;
  bool ends_at_once_ = false;
  Error at_once_ = Error::none;
};

int alive = 0;
struct Guard {
  Guard() { ++alive; }
  ~Guard() { --alive; }
};

struct World {
  alignas(16) std::array<std::byte, 8192> memory;
  Arena arena{memory};
  ReadyList ready;
  Context scope{arena, ready};
  Port port;
  int ended = 0;
  Error outcome = Error::none;
  Runner runner{ready,
                [](void* owner, Error error) noexcept {
                  auto& self = *static_cast<World*>(owner);
                  ++self.ended;
                  self.outcome = error;
                },
                this};

  Context& context() { return scope; }
  void run() {
    while (!ready.is_empty()) ready.run_round();
  }
};

Task<int> leaf(World& world) {
  Guard guard;
  const int value = co_await world.port.operation();
  co_return value;
}

Task<int> middle(World& world) {
  Guard guard;
  const int value = co_await leaf(world);
  co_return value + 1;
}

Task<> top(World& world, int& value) {
  Guard guard;
  value = co_await middle(world);
}

Task<> looking(World& world, Error& seen) {
  const auto result = co_await as_result(middle(world));
  seen = error_of(result);
}

TEST(Task, RunsNothingBeforeItIsAwaited) {
  World world;
  {
    const Task<int> task = leaf(world);
    EXPECT_FALSE(world.port.is_waited_for());
    EXPECT_EQ(alive, 0);
  }
  EXPECT_EQ(world.arena.live_count(), 0u);
}

TEST(Task, ReturnsItsValueThroughAChainOfWaits) {
  World world;
  int value = 0;
  world.runner.start(top(world, value));
  EXPECT_EQ(value, 0);
  ASSERT_TRUE(world.port.is_waited_for());
  world.port.end(Error::none);
  world.run();
  EXPECT_EQ(value, 8);
  EXPECT_EQ(world.ended, 1);
  EXPECT_EQ(world.outcome, Error::none);
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(world.arena.used_bytes(), 0u);
}

TEST(Task, GoesOnWithoutSuspendingWhenTheOperationEndsAtOnce) {
  World world;
  world.port.end_at_once_with(Error::none);
  int value = 0;
  world.runner.start(top(world, value));
  EXPECT_EQ(value, 8);
  EXPECT_EQ(world.ended, 0);  // the end is told from the loop, not from within start
  world.run();
  EXPECT_EQ(world.ended, 1);
}

TEST(Task, EndsWithTheErrorOfWhatItAwaitsAndIsNotResumed) {
  for (const bool at_once : {false, true}) {
    World world;
    if (at_once) world.port.end_at_once_with(Error::timed_out);
    int value = 0;
    world.runner.start(top(world, value));
    if (!at_once) world.port.end(Error::timed_out);
    world.run();
    EXPECT_EQ(value, 0);
    EXPECT_EQ(world.outcome, Error::timed_out);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(world.arena.used_bytes(), 0u);
  }
}

TEST(Task, CanLookAtAnErrorAndGoOn) {
  for (const bool at_once : {false, true}) {
    World world;
    if (at_once) world.port.end_at_once_with(Error::no_space);
    Error seen = Error::none;
    world.runner.start(looking(world, seen));
    if (!at_once) world.port.end(Error::no_space);
    world.run();
    EXPECT_EQ(seen, Error::no_space);
    EXPECT_EQ(world.outcome, Error::none);
    EXPECT_EQ(alive, 0);
  }
}

TEST(Task, DestroyedWhileItWaitsRunsEveryDestructorAndUnlinksTheOperation) {
  World world;
  int value = 0;
  world.runner.start(top(world, value));
  EXPECT_EQ(alive, 3);
  world.runner.cancel();
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(world.port.is_waited_for());
  EXPECT_EQ(world.arena.live_count(), 0u);
  world.run();
  EXPECT_EQ(world.ended, 0);
}

TEST(Task, DestroyedBetweenCompletionAndResumptionLeavesTheReadyList) {
  World world;
  int value = 0;
  world.runner.start(top(world, value));
  world.port.end(Error::none);
  EXPECT_FALSE(world.ready.is_empty());
  world.runner.cancel();
  EXPECT_TRUE(world.ready.is_empty());
  EXPECT_EQ(value, 0);
}

TEST(Task, WhoseFrameFindsNoRoomFailsWithNoMemoryAtEveryDepth) {
  for (std::uint32_t index = 0; index < 3; ++index) {
    World world;
    world.arena.fail_from(index);
    int value = 0;
    world.runner.start(top(world, value));
    world.run();
    EXPECT_EQ(world.outcome, Error::no_memory) << index;
    EXPECT_EQ(world.arena.live_count(), 0u);
    EXPECT_EQ(alive, 0);
  }
}

Task<int> one(World&) { co_return 1; }
Task<> sum(World& world, int count, int& total) {
  for (int i = 0; i < count; ++i) total += co_await one(world);
}
Task<> drain(World& world, int count, int& total) {
  for (int i = 0; i < count; ++i) total += co_await world.port.operation();
}

TEST(Task, AwaitsAMillionTimesOnAFlatStack) {
  World world;
  int total = 0;
  world.runner.start(sum(world, 1'000'000, total));
  world.run();
  EXPECT_EQ(total, 1'000'000);
}

TEST(Task, WhoseOperationsNeverWaitStillLetsTheLoopHaveItsTurn) {
  World world;
  world.port.end_at_once_with(Error::none);
  int total = 0;
  world.runner.start(drain(world, 1000, total));
  EXPECT_LT(total, 1000 * 7);
  int rounds = 0;
  while (!world.ready.is_empty()) {
    world.ready.run_round();
    ++rounds;
  }
  EXPECT_EQ(total, 1000 * 7);
  EXPECT_GT(rounds, 10);
}

Task<int> fails(World&) { co_return Error::not_found; }
Task<int> of_result(World&, Result<int> result) { co_return result; }
Task<std::unique_ptr<int>> of_pointer(World&) { co_return std::make_unique<int>(5); }
Task<> through_results(World& world, int& value) {
  value = co_await Result<int>(3);
  value += co_await of_result(world, Result<int>(4));
  const std::unique_ptr<int> five = co_await of_pointer(world);
  value += *five;
  const auto bad = co_await as_result(fails(world));
  if (bad.has_value()) value = -1;
  co_await Result<int>(Error::conflict);
  value = -2;
}

TEST(Task, TakesResultsAndErrorsAsReturnValues) {
  World world;
  int value = 0;
  world.runner.start(through_results(world, value));
  world.run();
  EXPECT_EQ(value, 12);
  EXPECT_EQ(world.outcome, Error::conflict);
}

class Owner {
 public:
  Task<int> method(World& world) { co_return base_ + co_await leaf(world); }

 private:
  int base_ = 100;
};
Task<> calls_method(World& world, Owner& owner, int& value) {
  value = co_await owner.method(world);
}

TEST(Task, OfAMemberFunctionTakesItsContextFromTheSecondParameter) {
  World world;
  Owner owner;
  int value = 0;
  world.runner.start(calls_method(world, owner, value));
  world.port.end(Error::none);
  world.run();
  EXPECT_EQ(value, 107);
}

TEST(ReadyList, RunsInOrderAndLeavesNewOnesForTheNextRound) {
  World a;
  World b;
  Context shared{b.arena, a.ready};
  int first = 0;
  int second = 0;
  a.runner.start(top(a, first));
  a.port.end(Error::none);
  b.scope = shared;
  Runner runner(a.ready, [](void*, Error) noexcept {}, nullptr);
  runner.start(top(b, second));
  b.port.end(Error::none);
  a.ready.run_round();  // the leaves
  EXPECT_EQ(first, 0);
  EXPECT_FALSE(a.ready.is_empty());
  a.run();
  EXPECT_EQ(first, 8);
  EXPECT_EQ(second, 8);
}

TEST(ReadyList, TellsEachRoundFromAllOthersAndFromTheTimeBetweenThem) {
  ReadyList ready;
  struct Guest : Waiter {
    explicit Guest(ReadyList& list)
        : Waiter(list, [](Waiter& guest) noexcept {
            static_cast<Guest&>(guest).round = guest.ready_list().round();
          }) {}
    std::uint64_t round = 0;
  };
  Guest first(ready);
  Guest second(ready);
  Guest third(ready);
  const std::uint64_t before = ready.round();
  ready.push(first);
  ready.push(second);
  EXPECT_EQ(ready.round(), before);
  ready.run_round();
  const std::uint64_t between = ready.round();
  ready.push(third);
  ready.run_round();
  EXPECT_EQ(first.round, second.round);
  EXPECT_EQ((std::set{before, first.round, between, third.round, ready.round()}).size(), 5u);
}

}  // namespace
}  // namespace wherry::coro
