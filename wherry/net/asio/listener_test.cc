// SPDX-License-Identifier: MIT
// Listening: addresses, failures, and what happens when there is no room for one more.
#include <sys/resource.h>

#include "wherry/net/asio/server_for_test.h"

namespace wherry::net::asio {
namespace {

using coro::Task;

Task<> echo(Session& session) {
  std::array<std::byte, 1024> buffer;
  while (true) {
    const Bytes bytes = co_await session.connection->read(buffer, 20'000);
    co_await session.connection->write(bytes);
  }
}

Task<> tell_peer(Session& session) {
  std::array<char, Connection::kPeerBytes> peer;
  co_await session.connection->write(as_bytes(session.connection->peer(peer)));
}

// Connects to "::1" or "127.0.0.1" and returns what the server sends.
std::string answer_from(const char* host, std::uint16_t port) {
  sockaddr_storage address{};
  socklen_t size = 0;
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
  auto& v4 = reinterpret_cast<sockaddr_in&>(address);
  if (::inet_pton(AF_INET6, host, &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    size = sizeof(v6);
  } else {
    ::inet_pton(AF_INET, host, &v4.sin_addr);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    size = sizeof(v4);
  }
  const int descriptor = ::socket(address.ss_family, SOCK_STREAM, 0);
  std::string answer = "no connection";
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0) {
    std::array<char, 100> buffer;
    const ssize_t received = ::recv(descriptor, buffer.data(), buffer.size(), 0);
    answer.assign(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
  }
  ::close(descriptor);
  return answer;
}

bool has_ipv6() {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = IN6ADDR_LOOPBACK_INIT;
  const int descriptor = ::socket(AF_INET6, SOCK_STREAM, 0);
  const bool has = ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  ::close(descriptor);
  return has;
}

TEST(Listener, ServesEachSpellingOfAnAddress) {
  for (const std::string_view host : {"127.0.0.1", "localhost", "0.0.0.0", ""}) {
    TestServer server(&tell_peer, {.host = host});
    EXPECT_NE(server.port(), 0) << host;
    const std::string answer = answer_from("127.0.0.1", server.port());
    EXPECT_TRUE(answer.starts_with("127.0.0.1:")) << host << ": " << answer;
  }
}

TEST(Listener, ServesIpv6) {
  if (!has_ipv6()) GTEST_SKIP() << "this machine has no IPv6";
  for (const std::string_view host : {"::1", "[::1]", "::", ""}) {
    TestServer server(&tell_peer, {.host = host});
    const std::string answer = answer_from("::1", server.port());
    EXPECT_TRUE(answer.starts_with("[::1]:")) << host << ": " << answer;
  }
  TestServer server(&tell_peer, {.host = "::1"});
  EXPECT_EQ(server.listener().address(), "[::1]:" + std::to_string(server.port()));
}

struct NobodyAccepts final : Acceptor {
  void accepted(Connection& connection) noexcept override { connection.close(); }
};

TEST(Listener, SaysWhyItCannotOpen) {
  AsioLoop loop;
  NobodyAccepts nobody;
  AsioListener first(loop, nobody);
  ASSERT_TRUE(first.open({.host = "127.0.0.1"}).has_value());
  EXPECT_EQ(first.address(), "127.0.0.1:" + std::to_string(first.port()));

  AsioListener second(loop, nobody);
  EXPECT_EQ(error_of(second.open({.host = "127.0.0.1", .port = first.port()})), Error::busy);
  EXPECT_EQ(second.failure().os_error, EADDRINUSE);
  EXPECT_EQ(second.failure().words.view(), "Address already in use");
  EXPECT_EQ(second.port(), 0);

  AsioListener third(loop, nobody);
  EXPECT_EQ(error_of(third.open({.host = "no.such.host.invalid"})), Error::not_found);
  EXPECT_FALSE(third.failure().words.empty());

  AsioListener fourth(loop, nobody);
  EXPECT_EQ(error_of(fourth.open({.host = "192.0.2.1"})), Error::not_found);  // not ours
  EXPECT_EQ(fourth.failure().os_error, EADDRNOTAVAIL);

  AsioListener fifth(loop, nobody);
  const std::string long_name(300, 'a');
  EXPECT_EQ(error_of(fifth.open({.host = long_name})), Error::not_found);
}

TEST(Listener, TakesOverASocketThatListens) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(::listen(descriptor, 5), 0);
  TestServer server(&tell_peer, {.descriptor = descriptor});
  EXPECT_TRUE(answer_from("127.0.0.1", server.port()).starts_with("127.0.0.1:"));
}

TEST(Listener, LetsTheBacklogWaitWhenAllConnectionsAreTaken) {
  TestServer server(&echo, {.host = "127.0.0.1", .connection_count = 2});
  std::deque<Client> clients;
  for (int i = 0; i < 6; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(std::to_string(i));
  }
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(clients[i].receive(1), std::to_string(i));
    if (i + 2 < 6) {
      EXPECT_FALSE(clients[i + 2].is_readable(20)) << i;
    }
    EXPECT_LE(server.accepted_count, static_cast<int>(i) + 2);
    clients[i].close();
  }
}

TEST(Listener, RefusesNobodyWhileItPausesForDescriptors) {
  TestServer server(&echo);
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  Client first(server.port());
  first.send("1");
  EXPECT_EQ(first.receive(1), "1");
  Client second = Client::unconnected();
  rlimit none = before;
  none.rlim_cur = 3;
  ::setrlimit(RLIMIT_NOFILE, &none);
  second.connect(server.port());
  EXPECT_TRUE(second.is_connected());  // by the kernel
  second.send("2");
  EXPECT_FALSE(second.is_readable(250));
  first.send("3");
  EXPECT_EQ(first.receive(1), "3");  // those inside are served as ever
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(second.receive(1), "2");
}

TEST(Listener, StopsAcceptingAndServesOn) {
  TestServer server(&echo);
  Client inside(server.port());
  inside.send("1");
  EXPECT_EQ(inside.receive(1), "1");
  server.thread.call([&] { server.listener().stop_accepting(); });
  EXPECT_FALSE(Client(server.port()).is_connected());
  inside.send("2");
  EXPECT_EQ(inside.receive(1), "2");
}

TEST(Listener, TwoLoopsShareAPort) {
  TestServer first(&echo, {.host = "127.0.0.1", .shares_port = true});
  TestServer second(&echo, {.host = "127.0.0.1", .port = first.port(), .shares_port = true});
  EXPECT_EQ(first.port(), second.port());
  std::deque<Client> clients;
  for (int i = 0; i < 60; ++i) {
    clients.emplace_back(first.port());
    clients.back().send("x");
    EXPECT_EQ(clients.back().receive(1), "x");
  }
  EXPECT_EQ(first.accepted_count + second.accepted_count, 60);
  EXPECT_GT(first.accepted_count, 0);
  EXPECT_GT(second.accepted_count, 0);
}

struct ClosesAtOnce final : Acceptor {
  void accepted(Connection& connection) noexcept override {
    ++count;
    connection.close();
  }
  std::atomic<int> count = 0;
};

TEST(Listener, ClosingFromWithinAcceptedIsAllowed) {
  LoopThread thread;
  ClosesAtOnce acceptor;
  AsioListener listener(thread.loop, acceptor);
  ASSERT_TRUE(listener.open({.host = "127.0.0.1", .connection_count = 1}).has_value());
  thread.start();
  for (int i = 0; i < 50; ++i) EXPECT_EQ(Client(listener.port()).receive_all(), "");
  EXPECT_EQ(acceptor.count, 50);
  thread.stop();
}

}  // namespace
}  // namespace wherry::net::asio
