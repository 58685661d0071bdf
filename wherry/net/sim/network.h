// SPDX-License-Identifier: MIT
// SimNetwork: an in-memory network with simulated time, for tests of whatever serves connections.
//
//     SimNetwork network(seed);
//     SimPeer& peer = network.connect(acceptor, {.reads = Pieces::random, .max_delay_ms = 20});
//     peer.send("GET / HTTP/1.1\r\n\r\n");
//     network.loop().run_until([&] { return peer.has_seen_end(); });
//     EXPECT_EQ(peer.received(), …);
//
// The same seed and the same calls give the same run, byte by byte. It behaves as TCP does where
// that hurts: data arrives in any pieces, a window fills, and closing with input unread resets the
// connection and destroys what was still on its way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wherry/net/net.h"
#include "wherry/net/sim/loop.h"

namespace wherry::net::sim {

/// How much of what could be moved is moved at once.
enum class Pieces : std::uint8_t {
  whole,
  random,  // from one byte to all of it; now and then only after a turn of the loop
  single_bytes,
};

struct SimOptions {
  Pieces reads = Pieces::whole;      // what a read gets of what has come
  Pieces writes = Pieces::whole;     // what is taken of a write at once
  std::uint32_t min_delay_ms = 0;    // how long whatever is sent is on its way,
  std::uint32_t max_delay_ms = 0;    // in both directions; order is kept
  std::size_t window_size = 65'536;  // bytes written that may wait for the peer to read them
  std::string peer_address = "192.0.2.7:51234";
};

class SimNetwork;
class SimConnection;

/// The other end of a connection: what a test does as the client. Each call is an event that
/// arrives after the delay; the loop must run for anything to happen.
class SimPeer {
 public:
  void send(std::string_view bytes);
  /// Says that nothing more will be sent; receives on.
  void finish_sending();
  /// Breaks the connection off.
  void reset();

  /// Takes nothing any more, so that the window fills; or goes on to.
  void stop_reading();
  void read_again();

  /// What has come so far.
  const std::string& received() const { return received_; }
  /// The same, and forgets it.
  std::string take_received() { return std::exchange(received_, {}); }
  /// The server has finished sending, and everything that it sent was received.
  bool has_seen_end() const { return has_seen_end_; }
  bool was_reset() const { return was_reset_; }

  /// The acceptor has given the connection back.
  bool is_closed() const;
  /// Bytes that have come to the server and that it has not read.
  std::size_t unread_size() const;

  SimPeer(SimNetwork& network, SimConnection& connection)
      : network_(network), connection_(connection) {}
  SimPeer(const SimPeer&) = delete;
  SimPeer& operator=(const SimPeer&) = delete;

 private:
  friend class SimConnection;

  SimNetwork& network_;
  SimConnection& connection_;
  std::string received_;
  bool is_reading_ = true;
  bool has_seen_end_ = false;
  bool was_reset_ = false;
};

class SimNetwork {
 public:
  explicit SimNetwork(std::uint64_t seed = 1);
  /// The acceptor has given back, or will never touch again, every connection.
  ~SimNetwork();
  SimNetwork(const SimNetwork&) = delete;
  SimNetwork& operator=(const SimNetwork&) = delete;

  SimLoop& loop() { return loop_; }

  /// Connects to `acceptor`, which is told when the loop runs.
  /// Lifetime: the peer's is the network's.
  SimPeer& connect(Acceptor& acceptor, SimOptions options = {});

  /// Connections that the acceptor has not given back.
  std::size_t open_count() const;

  /// Breaks, as if its peer had reset it, each connection that begins the `index`-th read or write
  /// from now (0: the next) or a later one. For a test that runs a whole exchange for each index.
  void fail_from(std::uint64_t index) { fail_at_ = operation_count_ + index; }
  /// Reads and writes begun so far.
  std::uint64_t operation_count() const { return operation_count_; }

  /// Returns: 0 to `bound` - 1. For tests that choose by the same seed.
  std::uint64_t random_below(std::uint64_t bound) { return random_() % bound; }

 private:
  friend class SimConnection;

  /// Returns: whether the operation that begins must fail.
  bool count_operation() { return operation_count_++ >= fail_at_; }

  SimLoop loop_;
  std::mt19937_64 random_;
  std::vector<std::unique_ptr<SimConnection>> connections_;
  std::uint64_t operation_count_ = 0;
  std::uint64_t fail_at_ = UINT64_MAX;
};

}  // namespace wherry::net::sim
