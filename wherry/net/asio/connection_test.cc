// SPDX-License-Identifier: MIT
// Connections over 127.0.0.1, served by coroutines.
#include <netinet/tcp.h>
#include <sys/sendfile.h>

#include "wherry/net/asio/server_for_test.h"

namespace wherry::net::asio {
namespace {

using coro::as_result;
using coro::Task;

constexpr std::uint32_t kLongMs = 20'000;

Task<> echo(Session& session) {
  std::array<std::byte, 1024> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, kLongMs);
    co_await session.connection->write(bytes);
  }
}

TEST(Connection, EchoesWhatItReads) {
  TestServer server(&echo);
  Client client(server.port());
  client.send("hello");
  EXPECT_EQ(client.receive(5), "hello");
  client.send("again");
  EXPECT_EQ(client.receive(5), "again");
  client.finish_sending();
  EXPECT_EQ(client.receive_all(), "");
  EXPECT_EQ(server.errors.next(), Error::closed);
}

TEST(Connection, EchoesMoreThanAnyBufferHolds) {
  TestServer server(&echo);
  Client client(server.port());
  std::string sent;
  for (int i = 0; sent.size() < 8'000'000; ++i) sent += std::to_string(i);
  std::thread sender([&] {
    client.send(sent);
    client.finish_sending();
  });
  const std::string received = client.receive_all();
  sender.join();
  EXPECT_TRUE(received == sent) << received.size();
}

TEST(Connection, ServesTwoHundredAtOnce) {
  TestServer server(&echo, {.host = "127.0.0.1", .connection_count = 200});
  std::vector<Client> clients;
  for (int i = 0; i < 200; ++i) clients.emplace_back(server.port());
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(std::to_string(1000 + i));
    for (std::size_t i = 0; i < clients.size(); ++i) {
      EXPECT_EQ(clients[i].receive(4), std::to_string(1000 + i));
    }
  }
  EXPECT_EQ(server.accepted_count, 200);
}

}  // namespace
}  // namespace wherry::net::asio
