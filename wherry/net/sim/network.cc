// SPDX-License-Identifier: MIT
#include "wherry/net/sim/network.h"

#include <algorithm>
#include <utility>

#include "wherry/net/sim/connection.h"

namespace wherry::net::sim {

void SimPeer::send(std::string_view bytes) { connection_.carry_input(std::string(bytes)); }
void SimPeer::finish_sending() { connection_.carry_end_of_input(); }
void SimPeer::reset() { connection_.carry_reset(); }
void SimPeer::stop_reading() { is_reading_ = false; }
void SimPeer::read_again() {
  is_reading_ = true;
  connection_.peer_reads_again();
}
bool SimPeer::is_closed() const { return !connection_.is_open(); }
std::size_t SimPeer::unread_size() const { return connection_.unread_size(); }

SimNetwork::SimNetwork(std::uint64_t seed) : loop_(seed), random_(seed) {}
SimNetwork::~SimNetwork() = default;

SimPeer& SimNetwork::connect(Acceptor& acceptor, SimOptions options) {
  connections_.push_back(std::make_unique<SimConnection>(*this, std::move(options)));
  SimConnection& connection = *connections_.back();
  loop_.after(0, [&acceptor, &connection] { acceptor.accepted(connection); });
  return connection.far_end();
}

std::size_t SimNetwork::open_count() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const auto& connection) { return connection->is_open(); }));
}

}  // namespace wherry::net::sim
