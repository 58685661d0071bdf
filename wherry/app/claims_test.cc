// SPDX-License-Identifier: MIT
#include "wherry/app/claims.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

constexpr Claims::Key key_of(std::string_view name) {
  Claims::Key key{};
  for (std::size_t i = 0; i < name.size(); ++i) key[i] = static_cast<std::byte>(name[i]);
  return key;
}

std::vector<std::string> events;  // in the order in which handlers had them

/// Has the key that it is named by until its body has come. What it has done by then is `events`.
coro::Task<Response> hold(Request& request, std::string_view name) {
  const std::string who(request.header("X-Who").value_or("?"));
  Claim claim(request, key_of(name));
  const auto taken = co_await coro::as_result(claim.take());
  if (!taken) {
    events.push_back(who + " did not get it");
    co_return taken.error();
  }
  events.push_back(who + " has it");
  std::array<std::byte, 64> memory;
  while (true) {
    const auto chunk = co_await coro::as_result(request.body().read(memory));
    if (!chunk) {
      events.push_back(who + " lets go");
      co_return chunk.error();
    }
    if (chunk->empty()) break;
    events.push_back(who + " reads " + std::string(as_text(*chunk)));
  }
  events.push_back(who + " is done");
  co_return text(request, "done");
}

constexpr Route kRoutes[] = {put<"/hold/<name>", hold>};
constexpr App kApp{.routes = kRoutes};

/// Several loops in one thread: what is posted to one runs when its turn comes.
class Loops : public testing::TestWithParam<std::size_t> {
 protected:
  class Shared final : public SharedClaims {
   public:
    void lock() noexcept override {
      EXPECT_FALSE(is_locked_);  // not a recursive one
      is_locked_ = true;
    }
    void unlock() noexcept override { is_locked_ = false; }

   private:
    bool is_locked_ = false;
  };

  struct Mailbox final : coro::Mailbox {
    void post(coro::Completion& completion) noexcept override { posted.push_back(&completion); }
    std::vector<coro::Completion*> posted;
  };

  struct Loop {
    TestServer test{kApp};
    Mailbox mailbox;
  };

  Loops() {
    events.clear();
    for (Loop& loop : loops_) loop.test.server->share_claims(shared_, loop.mailbox);
  }
  ~Loops() override {
    for (Loop& loop : loops_) EXPECT_EQ(loop.test.world.leftovers(), "");
  }

  /// The loop of the n-th connection: one after the other, or all of them the same.
  Loop& loop(std::size_t n) { return loops_[n % GetParam()]; }

  net::sim::SimPeer& begin(std::size_t n, std::string_view who, std::string_view body = "",
                           std::string_view name = "k") {
    net::sim::SimPeer& peer = loop(n).test.connect();
    peer.send("PUT /hold/" + std::string(name) + " HTTP/1.1\r\nHost: x\r\nX-Who: " +
              std::string(who) + "\r\nContent-Length: 10\r\n\r\n" + std::string(body));
    loop(n).test.run();
    return peer;
  }
  void run() {
    for (bool had_any = true; had_any;) {
      had_any = false;
      for (Loop& loop : loops_) {
        for (coro::Completion* completion : std::exchange(loop.mailbox.posted, {})) {
          had_any = true;
          completion->run(*completion);
        }
        loop.test.run();
      }
    }
  }

  Shared shared_;
  std::array<Loop, 3> loops_;
};

INSTANTIATE_TEST_SUITE_P(InOneTwoOrThree, Loops, testing::Values(1, 2, 3));

using Events = std::vector<std::string>;

TEST_P(Loops, TheNewestRequestTakesOverFromOneThatHangs) {
  auto& a = begin(0, "a", "12");
  auto& b = begin(1, "b");
  run();
  EXPECT_EQ(events, (Events{"a has it", "a reads 12", "a lets go", "b has it"}));
  a.send("345");  // comes too late
  b.send("abcdefghij");
  run();
  EXPECT_EQ(events.back(), "b is done");
  EXPECT_EQ(events.size(), 6u);
  a.reset();
  b.reset();
  run();
}

TEST_P(Loops, OfSeveralThatWaitOnlyTheNewestGetsIt) {
  auto& a = begin(0, "a");
  auto& b = begin(1, "b");  // where there are several loops, nothing has run on the others since
  auto& c = begin(2, "c");
  auto& d = begin(3, "d");
  run();
  EXPECT_EQ(events.front(), "a has it");
  EXPECT_EQ(events.back(), "d has it");
  // Whoever got it in between has let go by then.
  const auto had = std::ranges::count_if(
      events, [](const std::string& event) { return event.ends_with("has it"); });
  const auto let_go = std::ranges::count_if(
      events, [](const std::string& event) { return event.ends_with("lets go"); });
  EXPECT_EQ(had, let_go + 1);
  for (net::sim::SimPeer* peer : {&a, &b, &c, &d}) peer->reset();
  run();
}

TEST_P(Loops, OtherKeysAreLeftAlone) {
  auto& a = begin(0, "a", "", "one");
  auto& b = begin(1, "b", "", "two");
  run();
  EXPECT_EQ(events, (Events{"a has it", "b has it"}));
  EXPECT_TRUE(loop(1).test.server->claims().has(key_of("one")));
  EXPECT_TRUE(loop(0).test.server->claims().has(key_of("two")));
  EXPECT_FALSE(loop(0).test.server->claims().has(key_of("three")));
  a.reset();
  b.reset();
  run();
  EXPECT_FALSE(loop(1).test.server->claims().has(key_of("one")));
}

TEST_P(Loops, WhoWaitsGoesOnWhenTheOtherOnesConnectionIsCut) {
  auto& a = begin(0, "a");
  auto& b = begin(1, "b");
  a.reset();
  run();
  EXPECT_EQ(events.back(), "b has it");
  b.reset();
  run();
}

TEST_P(Loops, WhoHasNoRequestGetsOnlyWhatNobodyHas) {
  auto& a = begin(0, "a");
  {
    Claim taken(loop(1).test.server->claims(), key_of("k"));
    EXPECT_FALSE(taken.is_held());
  }
  std::optional<Claim> free(std::in_place, loop(1).test.server->claims(), key_of("free"));
  EXPECT_TRUE(free->is_held());
  auto& b = begin(0, "b", "", "free");
  run();
  EXPECT_EQ(events, (Events{"a has it"}));  // b waits
  free.reset();
  run();
  EXPECT_EQ(events.back(), "b has it");
  a.reset();
  b.reset();
  run();
}

TEST_P(Loops, WhoIsCutWhileWaitingIsForgotten) {
  auto& a = begin(0, "a");
  auto& b = begin(1, "b");
  b.reset();
  auto& c = begin(2, "c");
  c.reset();
  run();
  a.reset();
  run();
  EXPECT_FALSE(loop(0).test.server->claims().has(key_of("k")));
}

}  // namespace
}  // namespace wherry::app
