// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "wherry/coro/arena.h"
#include "wherry/coro/context.h"
#include "wherry/coro/runner.h"
#include "wherry/net/input_for_test.h"
#include "wherry/net/sim/network.h"

namespace wherry::net::sim {
namespace {

using coro::as_result;
using coro::Task;

// Serves each connection with one coroutine, and notes how it ended.
class Session {
 public:
  using Serve = Task<> (*)(Session&);

  explicit Session(SimNetwork& network)
      : loop(network.loop()), context_(arena_, loop.ready_list()) {}
  coro::Context& context() { return context_; }

  void serve(Connection& its_connection, Serve handler) {
    connection = &its_connection;
    runner_.start(handler(*this));
  }
  void cancel() {
    runner_.cancel();
    if (connection != nullptr) std::exchange(connection, nullptr)->close();
  }

  SimLoop& loop;
  Connection* connection = nullptr;
  std::vector<std::string> notes;
  Error error = Error::none;

 private:
  static void ended(void* self, Error how) noexcept {
    auto& session = *static_cast<Session*>(self);
    session.error = how;
    std::exchange(session.connection, nullptr)->close();
  }

  std::array<std::byte, 16384> memory_;
  coro::Arena arena_{memory_};
  coro::Context context_;
  coro::Runner runner_{loop.ready_list(), &ended, this};
};

class Server final : public Acceptor {
 public:
  Server(SimNetwork& network, Session::Serve serve) : network_(network), serve_(serve) {}
  ~Server() {
    for (auto& session : sessions) session->cancel();
  }
  void accepted(Connection& connection) noexcept override {
    sessions.push_back(std::make_unique<Session>(network_));
    sessions.back()->serve(connection, serve_);
  }
  std::vector<std::unique_ptr<Session>> sessions;

 private:
  SimNetwork& network_;
  Session::Serve serve_;
};

Task<> echo(Session& session) {
  std::array<std::byte, 64> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, 30'000);
    co_await session.connection->write(bytes.first(bytes.size() / 2),
                                       bytes.subspan(bytes.size() / 2));
  }
}

std::string long_text() {
  std::string text;
  for (int i = 0; text.size() < 5000; ++i) text += std::to_string(i) + ' ';
  return text;
}

// The whole of an exchange, in words: when and in which pieces.
std::string story_of_echo(std::uint64_t seed, SimOptions options) {
  SimNetwork network(seed);
  Server server(network, &echo);
  SimPeer& peer = network.connect(server, std::move(options));
  const std::string text = long_text();
  peer.send(text.substr(0, 1000));
  peer.send(text.substr(1000));
  peer.finish_sending();
  std::string story;
  std::string received;
  while (!peer.has_seen_end()) {
    network.loop().advance(1);
    story += std::to_string(peer.received().size()) + ' ';
    received += peer.take_received();
    if (network.loop().uptime_ms() > 100'000) break;
  }
  EXPECT_TRUE(received == text) << received.size();
  EXPECT_TRUE(peer.is_closed());
  EXPECT_FALSE(peer.was_reset());
  return story;
}

TEST(SimNetwork, CarriesAllBytesInWhateverPieces) {
  for (const Pieces pieces : {Pieces::whole, Pieces::random, Pieces::single_bytes}) {
    story_of_echo(1, {.reads = pieces, .writes = pieces});
    story_of_echo(2, {.reads = pieces, .writes = pieces, .min_delay_ms = 3, .max_delay_ms = 40});
    story_of_echo(3, {.reads = pieces, .writes = pieces, .max_delay_ms = 9, .window_size = 7});
  }
}

TEST(SimNetwork, TheSameSeedTellsTheSameStory) {
  const SimOptions options = {
      .reads = Pieces::random, .writes = Pieces::random, .max_delay_ms = 40, .window_size = 500};
  EXPECT_EQ(story_of_echo(7, options), story_of_echo(7, options));
  EXPECT_NE(story_of_echo(7, options), story_of_echo(8, options));
}

Task<> read_once(Session& session) {
  std::array<std::byte, 64> buffer;
  const auto result = co_await as_result(session.connection->read(buffer, 1000));
  session.notes.push_back(std::to_string(session.loop.uptime_ms()));
  session.notes.push_back(result ? std::string(as_text(*result)) : "timed out");
  const Bytes next = co_await session.connection->read(buffer, 10'000);
  session.notes.emplace_back(as_text(next));
}

TEST(SimNetwork, ReadThatTimesOutLeavesTheConnectionUsable) {
  SimNetwork network;
  Server server(network, &read_once);
  SimPeer& peer = network.connect(server);
  network.loop().after(1500, [&] { peer.send("late"); });
  network.loop().advance(2000);
  EXPECT_EQ(server.sessions.at(0)->notes, (std::vector<std::string>{"1000", "timed out", "late"}));
  EXPECT_EQ(network.open_count(), 0u);
}

Task<> wait_then_read(Session& session) {
  std::array<std::byte, 64> buffer;
  while (true) {
    const auto come = co_await as_result(InputCome(*session.connection, 1000));
    session.notes.push_back(std::to_string(session.loop.uptime_ms()));
    if (!come) continue;
    const Bytes bytes = co_await session.connection->read(buffer, 0);
    session.notes.emplace_back(as_text(bytes));
  }
}

TEST(SimNetwork, TellsThatInputHasComeAndTakesNone) {
  SimNetwork network;
  Server server(network, &wait_then_read);
  SimPeer& peer = network.connect(server);
  network.loop().after(1500, [&] { peer.send("late"); });
  network.loop().after(1700, [&] { peer.finish_sending(); });
  network.loop().advance(2000);
  EXPECT_EQ(server.sessions.at(0)->notes,
            (std::vector<std::string>{"1000", "1500", "late", "1700"}));
  EXPECT_EQ(server.sessions.at(0)->error, Error::closed);
  EXPECT_EQ(network.open_count(), 0u);
}

Task<> write_much(Session& session) {
  session.connection->set_write_idle_ms(5000);
  const std::string text(100'000, 'x');
  co_await session.connection->write(as_bytes(text));
}

TEST(SimNetwork, PeerThatStopsReadingFillsTheWindowAndTimesOut) {
  SimNetwork network;
  Server server(network, &write_much);
  SimPeer& peer = network.connect(server, {.window_size = 1000});
  peer.stop_reading();
  network.loop().advance(4999);
  EXPECT_FALSE(peer.is_closed());
  EXPECT_EQ(peer.received(), "");
  network.loop().advance(1);
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(server.sessions.at(0)->error, Error::timed_out);
}

TEST(SimNetwork, PeerThatReadsNowAndThenIsNotIdle) {
  SimNetwork network;
  Server server(network, &write_much);
  SimPeer& peer = network.connect(server, {.window_size = 10'000});
  for (int i = 0; i < 12; ++i) {
    peer.stop_reading();
    network.loop().advance(4000);
    peer.read_again();
    network.loop().run_until_idle();
  }
  EXPECT_EQ(peer.received().size(), 100'000u);
  EXPECT_TRUE(peer.has_seen_end());
  EXPECT_EQ(server.sessions.at(0)->error, Error::none);
}

Task<> answer_at_once(Session& session) { co_await session.connection->write(as_bytes("no")); }

TEST(SimNetwork, ClosingWithInputUnreadDestroysWhatIsOnItsWay) {
  SimNetwork network;
  Server server(network, &answer_at_once);
  SimPeer& peer = network.connect(server, {.min_delay_ms = 10, .max_delay_ms = 10});
  network.loop().advance(0);
  peer.send("request");  // comes when the connection is closed, 10 ms later
  network.loop().run_to_end();
  EXPECT_TRUE(peer.was_reset());
  EXPECT_EQ(peer.received(), "no");

  SimPeer& early = network.connect(server, {.min_delay_ms = 10, .max_delay_ms = 10});
  early.stop_reading();
  early.send("request");
  network.loop().run_to_end();
  early.read_again();
  network.loop().run_to_end();
  EXPECT_TRUE(early.was_reset());
  EXPECT_EQ(early.received(), "");
}

TEST(SimNetwork, ResetEndsWhatIsPending) {
  SimNetwork network;
  Server reading(network, &echo);
  Server writing(network, &write_much);
  SimPeer& first = network.connect(reading);
  SimPeer& second = network.connect(writing, {.window_size = 10});
  second.stop_reading();
  network.loop().advance(100);
  first.reset();
  second.reset();
  network.loop().run_until_idle();
  EXPECT_EQ(reading.sessions.at(0)->error, Error::closed);
  EXPECT_EQ(writing.sessions.at(0)->error, Error::closed);
}

TEST(SimNetwork, BytesStayWithThePeerUntilTheyAreRead) {
  SimNetwork network;
  Server server(network, &write_much);  // never reads
  SimPeer& peer = network.connect(server, {.window_size = 10});
  peer.stop_reading();
  peer.send("unasked");
  network.loop().run_until_idle();
  EXPECT_EQ(peer.unread_size(), 7u);
}

TEST(SimNetwork, CancelledOperationsAreForgotten) {
  SimNetwork network;
  Server server(network, &echo);
  SimPeer& peer = network.connect(server, {.reads = Pieces::random});
  network.loop().run_until_idle();
  server.sessions.at(0)->cancel();
  EXPECT_TRUE(peer.is_closed());
  peer.send("too late");
  network.loop().run_to_end();
  EXPECT_TRUE(peer.was_reset());
}

TEST(SimNetwork, EachOperationCanBeMadeToFail) {
  std::uint64_t operation_count = 0;
  for (std::uint64_t index = 0; index <= operation_count; ++index) {
    SimNetwork network(5);
    Server server(network, &echo);
    network.fail_from(index);
    SimPeer& peer = network.connect(server);
    peer.send("one");
    network.loop().run_until_idle();
    peer.send("two");
    network.loop().run_until_idle();
    peer.finish_sending();
    network.loop().run_until_idle();
    EXPECT_EQ(network.open_count(), 0u);
    EXPECT_EQ(peer.received(), index < 3 ? "" : index < 5 ? "one" : "onetwo") << index;
    operation_count = network.operation_count();
  }
  EXPECT_EQ(operation_count, 5u);  // read, write, read, write, and the read that finds the end
}

Task<> sleep_and_note(Session& session, std::uint32_t duration_ms, std::string* story, char name) {
  co_await session.loop.sleep(duration_ms);
  *story += name;
}

TEST(SimLoop, SleepersWakeInTheOrderOfTheirTimes) {
  SimNetwork network;
  std::string story;
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<std::unique_ptr<coro::Runner>> runners;
  char name = 'a';
  for (const std::uint32_t duration_ms : {30u, 10u, 20u, 10u, 0u, 30u}) {
    sessions.push_back(std::make_unique<Session>(network));
    runners.push_back(std::make_unique<coro::Runner>(
        network.loop().ready_list(), [](void*, Error) noexcept {}, nullptr));
    runners.back()->start(sleep_and_note(*sessions.back(), duration_ms, &story, name++));
  }
  EXPECT_EQ(story, "");
  network.loop().run_until_idle();
  EXPECT_EQ(story, "e");
  network.loop().advance(10);
  EXPECT_EQ(story, "ebd");
  runners.at(2)->cancel();
  network.loop().run_to_end();
  EXPECT_EQ(story, "ebdaf");
  EXPECT_EQ(network.loop().uptime_ms(), 30u);
}

TEST(SimLoop, RunsWhatOtherThreadsPost) {
  struct Work : coro::Completion {
    Work() : Completion([](Completion& self) noexcept { ++static_cast<Work&>(self).run_count; }) {}
    int run_count = 0;
  };
  SimLoop loop;
  Work work;
  EXPECT_FALSE(loop.wait_for_post(0));
  std::thread thread([&] { loop.post(work); });
  EXPECT_TRUE(loop.wait_for_post(10'000));
  loop.run_until_idle();
  thread.join();
  EXPECT_EQ(work.run_count, 1);
}

TEST(SimLoop, ClockGoesWithTheTimeOrIsNotThere) {
  SimLoop loop;
  loop.set_unix_time_s(1'000'000);
  loop.advance(2500);
  EXPECT_EQ(loop.unix_time_s(), 1'000'002);
  loop.set_unix_time_s(std::nullopt);
  EXPECT_EQ(loop.unix_time_s(), std::nullopt);
}

}  // namespace
}  // namespace wherry::net::sim
