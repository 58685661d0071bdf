// SPDX-License-Identifier: MIT
// SimConnection: the server's end of a simulated connection. For this port's own sources.
//
// Two queues: what has come and was not read, and what was written and did not come to the peer
// yet. Every movement between the ends is an event of the loop.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "wherry/net/net.h"
#include "wherry/net/sim/network.h"

namespace wherry::net::sim {

class SimConnection final : public Connection, public Timed {
 public:
  SimConnection(SimNetwork& network, SimOptions options);

  SimPeer& far_end() { return far_end_; }
  bool is_open() const { return is_open_; }
  std::size_t unread_size() const { return input_.size(); }

  // What the peer does.
  void carry_input(std::string bytes);
  void carry_end_of_input();
  void carry_reset();
  void peer_reads_again();

  // Timed
  std::optional<std::uint64_t> due_ms() const noexcept override;
  void finish_overdue(std::uint64_t now_ms) noexcept override;

  // Connection
  void wait_for_input(InputWaiter& waiter, std::uint32_t within_ms) noexcept override;
  void set_write_idle_ms(std::uint32_t write_idle_ms) noexcept override;
  void shut_down_sending() noexcept override;
  void close() noexcept override;
  void abort() noexcept override;
  std::string_view peer(std::span<char, kPeerBytes>) const noexcept override {
    return options_.peer_address;
  }

 protected:
  void begin_read(Read& operation) noexcept override;
  void cancel_read(Read& operation) noexcept override;
  void begin_write(Write& operation) noexcept override;
  void cancel_write(Write& operation) noexcept override;
  void begin_writable(Writable& operation) noexcept override;
  void cancel_writable(Writable& operation) noexcept override;
  void on_sent_directly() noexcept override {}

 private:
  std::uint64_t random_delay_ms();
  std::size_t piece_of(std::size_t size, Pieces pieces);
  bool is_put_off(Pieces pieces);
  void carry_to_server(std::function<void()> arrive);
  void carry_to_peer(std::function<void()> arrive);
  void deliver(std::size_t size);
  void deliver_end();
  void look_at_input();
  void try_read();
  void try_write();
  void break_off();
  void reset_peer();

  SimNetwork& network_;
  SimOptions options_;
  SimPeer far_end_;

  Read* read_ = nullptr;
  Write* write_ = nullptr;
  std::uint64_t read_due_ms_ = 0;
  std::uint64_t write_due_ms_ = 0;
  std::uint32_t write_idle_ms_ = 30'000;

  std::string input_;                    // has come and was not read
  std::string output_;                   // was taken from writes; the peer has not read it
  std::size_t arrived_size_ = 0;         // of output_: how much the peer could read
  std::uint64_t input_arrives_ms_ = 0;   // when the last piece on its way to us comes
  std::uint64_t output_arrives_ms_ = 0;  // the same to the peer
  bool is_open_ = true;
  bool is_broken_ = false;
  bool has_input_ended_ = false;
  bool has_finished_sending_ = false;
};

}  // namespace wherry::net::sim
