// SPDX-License-Identifier: MIT
#include "tests/sim/simulation.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include "tests/sim/client.h"

namespace wherry::sim {
namespace {

constexpr std::uint64_t kHourMs = 3'600'000;
constexpr std::uint64_t kNoCut = UINT64_MAX / 2;
constexpr std::uint64_t kLongMs = 100 * kHourMs;

class Simulation {
 public:
  Simulation(std::uint64_t seed, StorageKind kind) : world_(seed, kind), kind_(kind) {
    plan_.client_count = static_cast<std::uint32_t>(random().between(2, 5));
    plan_.actions_each = static_cast<std::uint32_t>(random().between(1, 4));
    plan_.max_size = random().chance(70) ? 20'000 : 80'000;
    plan_.is_long = random().chance(15);
  }

  void run() {
    start();  // a medium that is cut while it is formatted is no medium yet
    used_bytes_at_start_ = used_bytes();
    cuts_left_ = static_cast<std::uint32_t>(random().below(5));
    add_clients();
    begin_ms_ = world_.now_ms();
    while (!all_have_ended()) {
      plan_power_cut();
      if (cuts_left_ == 0) world_.calm_down();
      const bool has_power = run_until_cut();
      for (const auto& script : scripts_) {
        if (script.has_ended()) const_cast<Script<>&>(script).result();
      }
      if (has_power && all_have_ended()) break;
      if (has_power && !is_time_to_cut()) throw Violation("a client never ends");
      lose_power();
    }
    scripts_.clear();
    clients_.clear();
    end();
  }

  World& world() { return world_; }
  std::uint32_t power_cuts() const { return power_cuts_; }

 private:
  Random& random() { return world_.random(); }

  void add_clients() {
    for (std::uint32_t i = 0; i < plan_.client_count; ++i) {
      const bool is_plain = i > 0 && random().chance(50);
      clients_.push_back(is_plain ? make_plain_client(world_, plan_, i)
                                  : make_upload_client(world_, plan_, i));
    }
    scripts_.reserve(clients_.size());
    for (const auto& client : clients_) {
      scripts_.push_back(client->run());
      scripts_.back().start();
    }
  }

  bool all_have_ended() const {
    return std::ranges::all_of(scripts_, [](const Script<>& script) { return script.has_ended(); });
  }

  /// Until all have ended, or the power is to go; with a look at the uploads from time to time.
  /// Returns: whether it is still there.
  bool run_until_cut() {
    over_since_ms_ = UINT64_MAX;
    allowed_ = Unfinished{{}, world_.limits().max_unfinished_uploads, most_bytes()};
    // What had begun when the power went has not been counted again.
    const Unfinished there = world_.uploads();
    allowed_.count = std::max(allowed_.count, there.count);
    allowed_.bytes = std::max(allowed_.bytes, there.bytes);
    while (world_.medium().has_power() && !all_have_ended() && !is_time_to_cut()) {
      const std::uint64_t look_ms = world_.now_ms() + random().between(1'000, 60'000);
      world_.loop().after(look_ms - world_.now_ms(), [] {});
      const bool has_power = world_.run_until(
          [&] { return all_have_ended() || is_time_to_cut() || world_.now_ms() >= look_ms; },
          kLongMs);
      if (!has_power) return false;
      if (world_.now_ms() - begin_ms_ > kLongMs) return true;
      look_at_uploads();
    }
    return world_.medium().has_power();
  }

  /// No more uploads than may be, and no more bytes: but for those who are just being refused.
  void look_at_uploads() {
    constexpr std::uint64_t kRefusalMs = 15'000;
    const Unfinished there = world_.uploads();
    const bool is_over = there.count > allowed_.count || there.bytes > allowed_.bytes;
    if (!is_over) {
      over_since_ms_ = UINT64_MAX;
    } else if (over_since_ms_ == UINT64_MAX) {
      over_since_ms_ = world_.now_ms();
    } else if (world_.now_ms() - over_since_ms_ > kRefusalMs) {
      throw Violation(std::to_string(there.count) + " uploads of " + std::to_string(there.bytes) +
                      " bytes are unfinished; " + std::to_string(allowed_.count) + " of " +
                      std::to_string(allowed_.bytes) + " may be");
    }
  }
  /// Each request may bring some more until it looks again.
  std::uint64_t most_bytes() {
    const app::Limits& limits = world_.limits();
    if (limits.max_unfinished_bytes == UINT64_MAX) return UINT64_MAX;
    constexpr std::uint64_t kBlockBytes = 16 * 1024;
    const std::uint64_t more = limits.upload_keep_bytes + kBlockBytes;
    return limits.max_unfinished_bytes + limits.max_connections * more;
  }

  // ------------------------------------------------------------ the power

  /// In some write, or at some time.
  void plan_power_cut() {
    cut_ms_ = UINT64_MAX;
    if (cuts_left_ == 0) return;
    --cuts_left_;
    if (random().chance(60)) {
      world_.medium().cut_at(random().below(1ull << random().between(2, 10)));
    } else {
      cut_ms_ = world_.now_ms() + random().below(random().chance(80) ? 20'000 : 200'000);
      world_.loop().after(cut_ms_ - world_.now_ms(), [] {});
    }
  }
  bool is_time_to_cut() { return world_.now_ms() >= cut_ms_; }

  void lose_power() {
    ++power_cuts_;
    world_.lose_power();
    world_.power_on();
    start();
    Script<> look = look_at_all(world_, plan_);
    if (!world_.run(look)) throw Violation("the power goes while nobody writes");
  }

  /// Also what happens then may be cut.
  void start() {
    while (true) {
      if (cuts_left_ > 0 && random().chance(20)) {
        --cuts_left_;
        world_.medium().cut_at(random().below(6));
      }
      if (world_.start_server() && world_.medium().has_power()) break;
      if (world_.medium().has_power()) throw Violation("the storage cannot be opened");
      ++power_cuts_;
      world_.lose_power();
      world_.power_on();
    }
    world_.medium().cut_at(kNoCut);
    world_.trace("the server starts");
  }

  // ------------------------------------------------------------ the end

  std::uint64_t used_bytes() {
    world_.stop_server();
    const std::uint64_t bytes = world_.medium().used_bytes();
    start();
    return bytes;
  }

  void end() {
    world_.medium().cut_at(kNoCut);
    Script<> look = look_at_all(world_, plan_);
    world_.run(look);
    world_.run_until([] { return false; }, 2 * kHourMs);  // all uploads are too old then
    Script<> removal = remove_all(world_, plan_);
    world_.run(removal);
    const std::vector<std::string> left = world_.uploads().names;
    if (!left.empty()) throw Violation("uploads are left, of which the first is " + left[0]);
    world_.stop_server();
    const std::string debris = world_.medium().debris();
    if (!debris.empty()) throw Violation("left behind: " + debris);
    const std::uint64_t bytes = world_.medium().used_bytes();
    const std::uint64_t slack = kind_ == StorageKind::posix ? 0 : 4 * 4096;
    if (bytes > used_bytes_at_start_ + slack) {
      throw Violation("all is removed, and " + std::to_string(bytes) +
                      " bytes are used; at first " + std::to_string(used_bytes_at_start_));
    }
  }

  World world_;
  StorageKind kind_;
  Plan plan_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<Script<>> scripts_;
  std::uint32_t cuts_left_ = 0;
  std::uint32_t power_cuts_ = 0;
  std::uint64_t cut_ms_ = UINT64_MAX;
  std::uint64_t used_bytes_at_start_ = 0;
  std::uint64_t begin_ms_ = 0;
  Unfinished allowed_;
  std::uint64_t over_since_ms_ = UINT64_MAX;
};

}  // namespace

Outcome simulate(std::uint64_t seed, StorageKind kind) {
  auto simulation = std::make_unique<Simulation>(seed, kind);
  Outcome outcome;
  try {
    simulation->run();
  } catch (const std::exception& violation) {
    outcome.violation = violation.what();
  }
  outcome.events = simulation->world().events();
  outcome.power_cuts = simulation->power_cuts();
  return outcome;
}

}  // namespace wherry::sim
