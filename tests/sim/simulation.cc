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
    while (!all_have_ended()) {
      plan_power_cut();
      if (cuts_left_ == 0) world_.calm_down();
      const bool has_power =
          world_.run_until([this] { return all_have_ended() || is_time_to_cut(); }, kLongMs);
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
    const std::vector<std::string> left = world_.uploads();
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
