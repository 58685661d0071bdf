// SPDX-License-Identifier: MIT
// Link: one connection of a simulated client, and how it behaves with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/script.h"
#include "tests/sim/world.h"
#include "wherry/app/app_client.h"

namespace wherry::sim {

/// What has come in answer to one request.
struct Answer {
  std::vector<app::Reply> interim;
  std::optional<app::Reply> final;  // a whole one, or with a part of its body; none: it never came
  bool is_lost = false;             // the power went

  int status() const { return final ? final->status : 0; }
  bool is_success() const { return final && final->is_whole && status() / 100 == 2; }
};

/// What a client does with the bytes of a request, beside sending them.
struct Manners {
  enum class Kind : std::uint8_t {
    sends_all,
    stalls,      // stops for a while, then sends the rest
    dribbles,    // sends a byte now and then for a while, then the rest
    breaks_off,  // sends a part, then resets the connection
    ends_early,  // sends a part, then says that nothing more will come
    vanishes,    // sends a part, and is never heard of again: the connection stays half-open
  };
  Kind kind = Kind::sends_all;
  std::size_t part = 0;        // bytes that are sent before
  std::uint64_t stall_ms = 0;  // how long it waits then
  bool is_slow_reader = false;
};

class Link {
 public:
  explicit Link(World& world);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// Sends the request, and waits for its answer. One at a time.
  Script<Answer> ask(std::string method, std::string request, Manners manners);
  Script<Answer> ask(std::string method, std::string request) {
    return ask(std::move(method), std::move(request), Manners());
  }
  /// Whether another request can be made of it.
  bool is_usable() const { return !is_over() && !has_closed_; }

  /// Sends more bytes than were asked for, now: a connection that comes back to life.
  void send_late(std::string_view bytes) { peer_.send(bytes); }
  void reset() { peer_.reset(); }
  void power_went();

 private:
  bool is_over() const;
  bool is_lost() const { return life_ != world_.life(); }
  std::string_view text() const;
  std::vector<app::Reply> replies() const;
  bool has_answer();
  Script<> dribble(std::string_view rest, std::size_t& sent, std::uint64_t for_ms);

  World& world_;
  net::sim::SimPeer& peer_;
  std::uint32_t life_;
  std::optional<std::string> text_at_end_;
  std::size_t taken_ = 0;      // bytes of earlier answers
  std::size_t looked_at_ = 0;  // bytes that had come when an answer was last looked for
  std::string method_;
  bool has_vanished_ = false;
  bool has_closed_ = false;
};

}  // namespace wherry::sim
