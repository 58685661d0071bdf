// SPDX-License-Identifier: MIT
#include <algorithm>
#include <list>

#include "wherry/net/lwip/wire_for_test.h"

namespace wherry::net::lwip {
namespace {

using coro::Task;
using LwipListenerTest = LwipTest;

Task<> echo(Session& session) {
  std::array<std::byte, 1000> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, 20'000);
    co_await session.connection->write(bytes);
  }
}

TEST_F(LwipListenerTest, ServesAsManyAsItHasConnections) {
  serve(&echo);
  std::deque<Client> clients;
  for (std::size_t i = 0; i < kConnections; ++i) clients.emplace_back(kPort);
  settle();
  for (Client& client : clients) client.send("hello");
  settle();
  for (Client& client : clients) EXPECT_EQ(client.received, "hello");
  EXPECT_EQ(listener->open_count(), kConnections);
}

TEST_F(LwipListenerTest, OneMoreWaitsForAPlaceAndGetsIt) {
  serve(&echo);
  std::deque<Client> clients;
  for (std::size_t i = 0; i < kConnections; ++i) clients.emplace_back(kPort);
  settle();
  Client surplus(kPort);
  settle();
  EXPECT_FALSE(surplus.is_connected);
  EXPECT_FALSE(surplus.is_gone);
  clients.back().send("still here");
  settle();
  EXPECT_EQ(clients.back().received, "still here");

  clients.pop_front();
  run(10'000, [&] { return surplus.is_connected; });
  ASSERT_TRUE(surplus.is_connected);
  surplus.send("here too");
  settle();
  EXPECT_EQ(surplus.received, "here too");
}

TEST_F(LwipListenerTest, CrowdThatComesAtOnceIsServedOneAfterTheOther) {
  serve(&echo);
  std::list<Client> clients;
  for (std::size_t i = 0; i < 3 * kConnections; ++i) clients.emplace_back(kPort);
  for (std::size_t served = 0; served < 3 * kConnections; ++served) {
    const auto next = [&] {
      return std::ranges::find_if(clients, [](Client& client) { return client.is_connected; });
    };
    run(60'000, [&] { return next() != clients.end(); });
    const auto client = next();
    ASSERT_NE(client, clients.end()) << served;
    client->send("x");
    settle();
    EXPECT_EQ(client->received, "x");
    clients.erase(client);
  }
}

TEST_F(LwipListenerTest, PlaceOfOneThatWentIsTakenByTheNext) {
  serve(&echo);
  for (int i = 0; i < 100; ++i) {
    Client client(kPort);
    settle();
    client.send("x");
    settle();
    ASSERT_EQ(client.received, "x") << i;
  }
  EXPECT_EQ(server->sessions.size(), 100u);
}

TEST_F(LwipListenerTest, ControlBlocksOfClosedConnectionsAreTakenByNewOnes) {
  serve(&echo);
  // Each is closed by the client in order, so that its control block waits for two minutes.
  for (int i = 0; i < 60; ++i) {
    Client client(kPort);
    settle();
    ASSERT_TRUE(client.is_connected) << i;
    client.finish_sending();
    settle();
    ASSERT_TRUE(client.has_seen_end) << i;
  }
}

TEST_F(LwipListenerTest, PortThatIsTakenIsBusy) {
  serve(&echo);
  LwipListener second(loop, *server, {});
  EXPECT_EQ(error_of(second.open(kPort)), Error::busy);
}

TEST_F(LwipListenerTest, StopsAcceptingAndServesOn) {
  serve(&echo);
  Client client(kPort);
  settle();
  listener->stop_accepting();
  Client late(kPort);
  settle();
  EXPECT_TRUE(late.is_gone);
  client.send("on");
  settle();
  EXPECT_EQ(client.received, "on");
}

}  // namespace
}  // namespace wherry::net::lwip
