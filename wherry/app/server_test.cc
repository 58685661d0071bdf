// SPDX-License-Identifier: MIT
#include "wherry/app/server.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "wherry/app/test_app.h"
#include "wherry/app/test_client.h"

namespace wherry::app {
namespace {

using net::sim::SimPeer;

const std::string kHello = request_text("GET", "/hello");
const std::string kBegunUpload = request_text("PUT", "/sink", "Content-Length: 10\r\n") + "01234";

// Two slots, two refusals.
struct Slots : testing::Test {
  SimPeer& connect(std::string_view input = "", net::sim::SimOptions options = {}) {
    SimPeer& peer = test.connect(std::move(options));
    if (!input.empty()) peer.send(input);
    test.run();
    return peer;
  }
  void pass(std::uint64_t duration_ms) { test.world.network.loop().advance(duration_ms); }
  Server& server() { return *test.server; }

  TestServer test{kTestApp};
};

TEST_F(Slots, CountsWhatIsConnectedAndWhatIsInARequest) {
  EXPECT_EQ(server().connection_count(), 0u);
  SimPeer& idle = connect(kHello);
  SimPeer& busy = connect(kBegunUpload);
  EXPECT_EQ(server().connection_count(), 2u);
  EXPECT_EQ(server().busy_count(), 1u);
  busy.send("56789");
  test.run();
  EXPECT_EQ(server().busy_count(), 0u);
  idle.send("G");
  test.run();
  EXPECT_EQ(server().busy_count(), 1u);
  idle.finish_sending();
  busy.finish_sending();
  test.run();
  EXPECT_EQ(server().connection_count(), 0u);
  EXPECT_EQ(server().busy_count(), 0u);
  EXPECT_EQ(server().refused_count(), 0u);
  EXPECT_EQ(server().evicted_count(), 0u);
}

TEST_F(Slots, ConnectionThatHasBeenIdleForLongestGivesWay) {
  SimPeer& first = connect(kHello);
  pass(10);
  SimPeer& second = connect(kHello);
  pass(10);
  first.send(kHello);  // now the second is the one that waits for longer
  test.run();
  SimPeer& third = connect(kHello);
  EXPECT_TRUE(second.is_closed());
  EXPECT_FALSE(second.was_reset());
  EXPECT_FALSE(first.is_closed());
  EXPECT_EQ(statuses(test.replies_to(third)), "200");
  EXPECT_EQ(server().evicted_count(), 1u);
  EXPECT_EQ(server().refused_count(), 0u);
  EXPECT_EQ(server().connection_count(), 2u);
}

TEST_F(Slots, ConnectionWhoseEndHasJustComeGivesWay) {
  SimPeer& first = connect(kHello);
  SimPeer& second = connect(kHello);
  first.finish_sending();
  second.finish_sending();
  SimPeer& third = connect(kHello);  // comes in the same round
  EXPECT_EQ(statuses(test.replies_to(third)), "200");
  EXPECT_EQ(server().refused_count(), 0u);
  EXPECT_EQ(server().connection_count(), 1u);
}

TEST_F(Slots, ConnectionInARequestNeverGivesWay) {
  SimPeer& busy = connect(kBegunUpload);
  pass(10);
  for (int i = 0; i < 5; ++i) {
    SimPeer& next = connect(kHello);
    EXPECT_EQ(statuses(test.replies_to(next)), "200");
  }
  EXPECT_EQ(server().evicted_count(), 4u);
  busy.send("56789");
  test.run();
  EXPECT_EQ(statuses(test.replies_to(busy)), "200");
}

TEST_F(Slots, NewConnectionHasAMomentToSendItsRequest) {
  SimPeer& first = connect();
  pass(100);
  SimPeer& second = connect();
  pass(399);
  SimPeer& refused = connect(kHello);
  EXPECT_EQ(statuses(read_replies(refused.received(), {}, false)), "503");
  pass(1);
  SimPeer& third = connect(kHello);
  EXPECT_TRUE(first.is_closed());
  EXPECT_FALSE(second.is_closed());
  EXPECT_EQ(statuses(read_replies(third.received(), {}, false)), "200");
  // Who has been served gives way before who has not.
  pass(5000);
  connect();
  EXPECT_TRUE(third.is_closed());
  EXPECT_FALSE(second.is_closed());
}

TEST_F(Slots, WhenAllAreInARequestANewOneIsToldSo) {
  connect(kBegunUpload);
  connect(kBegunUpload);
  SimPeer& refused = connect(kHello);
  const auto replies = test.replies_to(refused);
  ASSERT_EQ(statuses(replies), "503");
  EXPECT_EQ(replies[0].body, "{\"error\": \"All connections are busy; try again\"}");
  EXPECT_TRUE(replies[0].closes());
  EXPECT_TRUE(refused.has_seen_end());
  EXPECT_EQ(server().refused_count(), 1u);
  ASSERT_EQ(test.world.log.records.size(), 1u);
  EXPECT_EQ(test.world.log.records[0].outcome, Error::no_slot);
  refused.finish_sending();
  test.run();
  EXPECT_TRUE(refused.is_closed());
  EXPECT_FALSE(refused.was_reset());
}

TEST_F(Slots, RefusalsAreBoundedTooAndComeBack) {
  connect(kBegunUpload);
  connect(kBegunUpload);
  for (int round = 0; round < 3; ++round) {
    SimPeer& first = connect(kHello);
    SimPeer& second = connect(kHello);
    SimPeer& third = connect(kHello);
    EXPECT_EQ(statuses(read_replies(first.received(), {}, true)), "503");
    EXPECT_EQ(statuses(read_replies(second.received(), {}, true)), "503");
    EXPECT_TRUE(third.was_reset());
    EXPECT_EQ(third.received(), "");
    first.finish_sending();
    second.reset();
    test.run();
  }
  EXPECT_EQ(server().refused_count(), 9u);
  EXPECT_EQ(server().connection_count(), 2u);
}

// Also a client that takes its reply byte by byte and keeps sending finds it whole.
TEST_F(Slots, RefusalReachesASlowClient) {
  connect(kBegunUpload);
  connect(kBegunUpload);
  SimPeer& slow = connect(std::string(20'000, 'x'), {.writes = net::sim::Pieces::single_bytes,
                                                     .min_delay_ms = 3,
                                                     .max_delay_ms = 9,
                                                     .window_size = 5});
  pass(5000);
  EXPECT_EQ(statuses(read_replies(slow.received(), {}, true)), "503");
  EXPECT_FALSE(slow.was_reset());
}

TEST_F(Slots, SlotIsServedAfreshByEachConnection) {
  SimPeer& first = connect("GET /hello HT");
  first.reset();
  test.run();
  SimPeer& second = connect(kHello);
  EXPECT_EQ(statuses(test.replies_to(second)), "200");
}

TEST_F(Slots, DrainingEndsWhatIsIdleAndLetsTheRestFinish) {
  SimPeer& idle = connect(kHello);
  SimPeer& busy = connect(kBegunUpload);
  server().drain();
  test.run();
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(busy.is_closed());
  EXPECT_EQ(server().connection_count(), 1u);
  SimPeer& late = connect(kHello);
  EXPECT_TRUE(late.is_closed());
  EXPECT_EQ(late.received(), "");
  busy.send("56789" + kHello);
  test.run();
  const auto replies = read_replies(busy.received(), {}, busy.has_seen_end());
  ASSERT_EQ(statuses(replies), "200");
  EXPECT_TRUE(replies[0].closes());
  EXPECT_TRUE(busy.has_seen_end());
  busy.finish_sending();
  test.run();
  EXPECT_EQ(server().connection_count(), 0u);
  EXPECT_EQ(test.world.leftovers(), "");
}

TEST_F(Slots, DrainingAnswersARequestThatHasBegunToArrive) {
  SimPeer& arriving = connect(kHello.substr(0, 10));
  server().drain();
  test.run();
  arriving.send(kHello.substr(10));
  test.run();
  const auto replies = test.replies_to(arriving);
  ASSERT_EQ(statuses(replies), "200");
  EXPECT_TRUE(replies[0].closes());
  EXPECT_TRUE(arriving.has_seen_end());
}

TEST_F(Slots, DrainingEndsAConnectionWhoseReplyWasOnItsWay) {
  SimPeer& peer = connect(request_text("GET", "/async/1000"));
  server().drain();
  peer.send(kHello);
  pass(1000);
  EXPECT_EQ(statuses(test.replies_to(peer)), "200");
  EXPECT_TRUE(peer.has_seen_end());
}

// What has been answered and only waits for the client to see it is in no request.
TEST_F(Slots, LingeringConnectionGivesWay) {
  SimPeer& idle = connect(kHello);
  pass(10);
  SimPeer& answered = connect(request_text("PUT", "/early", "Content-Length: 190000\r\n"));
  EXPECT_TRUE(answered.has_seen_end());
  EXPECT_EQ(server().busy_count(), 0u);
  connect(kBegunUpload);
  EXPECT_TRUE(idle.is_closed());
  EXPECT_FALSE(answered.is_closed());
  connect(kBegunUpload);
  EXPECT_TRUE(answered.is_closed());
  EXPECT_EQ(statuses(read_replies(answered.received(), {}, true)), "200");
  EXPECT_EQ(server().refused_count(), 0u);
}

std::size_t occurrences(Bytes memory, std::string_view text) {
  std::size_t count = 0;
  const std::string_view all = as_text(memory);
  for (auto at = all.find(text); at != all.npos; at = all.find(text, at + 1)) ++count;
  return count;
}

// One after the other they have used one and the same buffer, which nobody has now.
TEST(Server, LendsABufferOnlyForARequest) {
  Limits limits = small_limits();
  limits.max_connections = 5;
  TestServer test(kTestApp, limits);
  std::vector<SimPeer*> peers;
  for (std::uint32_t i = 0; i < limits.max_connections; ++i) {
    peers.push_back(&test.connect());
    peers.back()->send(kHello);
    test.run();
  }
  EXPECT_EQ(test.server->connection_count(), limits.max_connections);
  for (SimPeer* peer : peers) EXPECT_EQ(statuses(read_replies(peer->received(), {}, false)), "200");
  EXPECT_EQ(occurrences(test.memory.bytes(), "GET /"), 1u);
}

// The server may go at any moment: in a head, a body, a handler that waits for a disk, a reply, a
// refusal, a lingering close.
TEST(Server, MayBeDestroyedAtAnyMoment) {
  for (const bool has_slow_storage : {false, true}) {
    for (std::uint64_t steps = 0; steps < 60; ++steps) {
      TestServer test(kTestApp, small_limits(), steps + 1, has_slow_storage);
      test.world.store("a.bin", std::string(9000, 'a'));
      const net::sim::SimOptions options{.reads = net::sim::Pieces::random,
                                         .writes = net::sim::Pieces::random,
                                         .max_delay_ms = 3,
                                         .window_size = 700};
      for (const std::string& input :
           {kBegunUpload, request_text("GET", "/file/a.bin"), request_text("GET", "/async/9000"),
            std::string("nonsense\r\n\r\n"), std::string("GET /")}) {
        test.connect(options).send(input);
        test.world.network.loop().advance(steps % 7);
      }
      test.world.network.loop().advance(steps);
      test.server.reset();
      test.run();
      EXPECT_EQ(test.world.leftovers(), "");
    }
  }
}

// Slots too small for any answer, and one piece of memory for both that is enough for one.
Limits common_limits() {
  Limits limits = small_limits();
  limits.arena_bytes = 64;
  limits.common_arena_bytes = 3 * 1024;
  return limits;
}

TEST(CommonArena, ServesWhatASlotHasNoMemoryFor) {
  TestServer test(kTestApp, common_limits());
  SimPeer& peer = test.connect();
  for (int i = 0; i < 10; ++i) peer.send(kHello);
  test.run();
  EXPECT_EQ(statuses(read_replies(peer.received(), {}, false)),
            "200 200 200 200 200 200 200 200 200 200");
}

TEST(CommonArena, OneThatIsUsedUpRefusesAndIsThereAgainWhenTheOtherRequestHasEnded) {
  TestServer test(kTestApp, common_limits());
  SimPeer& busy = test.connect();
  busy.send(kBegunUpload);
  test.run();
  SimPeer& refused = test.connect();
  refused.send(kBegunUpload);
  refused.send("56789");
  test.run();
  EXPECT_EQ(statuses(read_replies(refused.received(), {}, true)), "503");
  busy.send("56789");
  test.run();
  EXPECT_EQ(statuses(read_replies(busy.received(), {}, false)), "200");
  SimPeer& next = test.connect();
  next.send(kHello);
  test.run();
  EXPECT_EQ(statuses(read_replies(next.received(), {}, false)), "200");
}

TEST(Server, MemoryIsTheSumThatIsWrittenDown) {
  Limits limits;
  const std::size_t one = Server::required_bytes(limits);
  limits.max_connections *= 2;
  EXPECT_LE(Server::required_bytes(limits), 2 * one);
  // What a connection costs beside its head and its arena.
  limits.max_connections = 64;
  limits.max_refusals = 0;
  limits.kept_events = 0;
  limits.max_header_bytes = 1024;
  limits.arena_bytes = 1024;
  const std::size_t slot_bytes =
      Server::required_bytes(limits) / 64 - 1024 - limits.receive_buffer_size - 1024;
  limits.max_connections = 0;
  limits.max_refusals = 64;
  const std::size_t refusal_bytes = Server::required_bytes(limits) / 64;
  RecordProperty("slot_bytes", static_cast<int>(slot_bytes));
  RecordProperty("refusal_bytes", static_cast<int>(refusal_bytes));
  std::printf("a slot: %zu bytes, a refusal: %zu bytes\n", slot_bytes, refusal_bytes);
  EXPECT_LE(slot_bytes, 512u);
  EXPECT_LE(refusal_bytes, 3072u);
}

constexpr Limits kSmallest = [] {
  Limits limits;
  limits.max_connections = 1;
  limits.max_refusals = 1;
  limits.max_header_bytes = 1000;  // no multiple of any alignment
  limits.arena_bytes = 10'001;
  return limits;
}();
ServerMemory<kSmallest> smallest_memory;

TEST(Server, MemoryMayBeSizedAtCompileTime) {
  TestWorld world;
  {
    Server server(kTestApp, kSmallest, world.storage, world.network.loop(), nullptr,
                  smallest_memory.bytes);
    SimPeer& peer = world.network.connect(server);
    peer.send(kHello);
    world.network.loop().run_until_idle();
    EXPECT_EQ(statuses(read_replies(peer.received(), {}, false)), "200");
    EXPECT_GT(server.peak_arena_bytes(), 0u);
    EXPECT_LT(server.peak_arena_bytes(), kSmallest.arena_bytes);
  }
  EXPECT_EQ(world.leftovers(), "");
}

}  // namespace
}  // namespace wherry::app
