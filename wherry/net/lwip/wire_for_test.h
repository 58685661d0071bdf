// SPDX-License-Identifier: MIT
// A whole network for tests: lwIP with one interface, whose packets the test carries, a clock that
// the test turns, a server that runs one coroutine a connection, and clients. One thread.
//
// At the end of each test all of lwIP's memory must have come back.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/coro/runner.h"
#include "wherry/net/lwip/listener.h"
#include "wherry/net/lwip/loop.h"
#include "wherry/net/lwip/lwip_library.h"

namespace wherry::net::lwip {

/// One connection being served.
struct Session {
  using Serve = coro::Task<> (*)(Session&);

  explicit Session(LwipLoop& its_loop);
  coro::Context& context() { return scope; }

  LwipLoop& loop;
  std::array<std::byte, 16384> memory;
  coro::Arena arena{memory};
  coro::Context scope;
  coro::Runner runner;
  Connection* connection = nullptr;
  std::vector<Error> outcomes;  // how each task that it ran has ended
};

/// Runs `serve` for each connection. Closes each when its task has ended.
class TestServer final : public Acceptor {
 public:
  TestServer(LwipLoop& loop, Session::Serve serve);
  ~TestServer();

  void accepted(Connection& connection) noexcept override;
  /// Ends the one connection that is open, where it stands.
  void stop_session();

  std::deque<Session> sessions;  // one for each that ever was
  bool aborts = false;           // resets in place of serving

 private:
  LwipLoop& loop_;
  Session::Serve serve_;
};

/// The other end of a connection.
class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Hands bytes to lwIP, as many as it takes. Returns: how many.
  std::size_t send(std::string_view bytes);
  void finish_sending();
  void reset();
  void stop_reading() { is_reading_ = false; }
  void read_again();

  std::string received;
  bool is_connected = false;
  bool has_seen_end = false;
  bool is_gone = false;  // reset, or given up

 private:
  struct Callbacks;

  tcp_pcb* control_ = nullptr;
  bool is_reading_ = true;
  u16_t untold_ = 0;  // received, and the sender does not know that there is room again
};

class LwipTest : public testing::Test {
 protected:
  static constexpr std::uint16_t kPort = 8000;
  static constexpr std::size_t kConnections = 3;

  LwipTest();
  ~LwipTest() override;

  void serve(Session::Serve task);

  /// Lets `ms` milliseconds pass, or fewer if `until` comes true.
  void run(std::uint32_t ms, const std::function<bool()>& until = {});
  /// Lets all that is under way arrive.
  void settle() { run(20); }

  /// Sends all of `bytes`, as the connection takes them.
  void send_all(Client& client, std::string_view bytes);

  using Packet = std::vector<std::uint8_t>;  // IPv4, from its header on

  /// Loses each packet for which it returns true.
  std::function<bool(const Packet& packet)> loses;
  /// Adds a packet of the test's own to what is under way.
  static void put_on_wire(Packet packet);
  std::uint32_t packet_count = 0;

  Session& session(std::size_t index = 0) { return server->sessions.at(index); }
  static std::uint32_t pool_buffers_in_use();

  LwipLoop loop;
  std::array<LwipConnection, kConnections> connections;
  std::unique_ptr<TestServer> server;
  std::unique_ptr<LwipListener> listener;

 private:
  void carry_packets();
};

/// Memory that the loop takes for read-only.
Bytes flash_for_test();

}  // namespace wherry::net::lwip
