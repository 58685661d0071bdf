// SPDX-License-Identifier: MIT
// World: the network, the medium and the server of one simulation, and what its clients wait for.
// The power goes and comes back here.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/sim/medium.h"
#include "tests/sim/model.h"
#include "tests/sim/random.h"
#include "tests/sim/script.h"
#include "wherry/app/server.h"
#include "wherry/app/test_client.h"
#include "wherry/net/sim/network.h"
#include "wherry/transfer/upload_sweep.h"

namespace wherry::sim {

enum class StorageKind : std::uint8_t { posix, littlefs };

class Link;

/// Uploads that are not finished, or were not long ago.
struct Unfinished {
  std::vector<std::string> names;  // of their files
  std::uint32_t count = 0;
  std::uint64_t bytes = 0;
};

class World final : private net::Acceptor {
 public:
  World(std::uint64_t seed, StorageKind kind);
  ~World();

  Random& random() { return random_; }
  Model& model() { return model_; }
  Medium& medium() { return *medium_; }
  net::sim::SimLoop& loop() { return network_.loop(); }
  std::uint64_t now_ms() { return loop().uptime_ms(); }
  const app::Limits& limits() const { return limits_; }

  // ------------------------------------------------------------ for clients

  /// Waits until `condition` holds. Returns: whether it did within `within_ms`.
  struct Until;
  Until until(std::function<bool()> condition, std::uint64_t within_ms);
  Until sleep(std::uint64_t duration_ms);

  net::sim::SimPeer& connect(Link& link);
  void forget(Link& link) { std::erase(links_, &link); }
  /// How often the power has gone: what a client has begun in one life is lost in the next.
  std::uint32_t life() const { return life_; }
  /// Nothing is cut any more, and nobody misbehaves: what has begun must come to its end.
  bool is_calm() const { return is_calm_; }
  void calm_down() { is_calm_ = true; }

  // ------------------------------------------------------------ for the simulation

  /// Starts a server on what the medium holds.  Returns: false: the power went meanwhile.
  bool start_server();
  /// Ends it in order.  Throws Violation: something of it is still in use.
  void stop_server();
  /// All is dropped as it stands, and what was not durable meets its fate.
  void lose_power();
  void power_on();

  /// Lets time pass and scripts run until `has_happened`, or until the power goes.
  /// Returns: whether the power is still there.  Throws what a script threw.
  bool run_until(const std::function<bool()>& has_happened, std::uint64_t within_ms);
  /// The same until `script` has ended, which runs alone.
  bool run(Script<>& script);

  /// What lies in the folder of the uploads.
  Unfinished uploads();

  void trace(const std::string& text);
  const std::vector<std::string>& events() const { return events_; }

 private:
  struct Waiting {
    std::function<bool()> condition;
    std::uint64_t deadline_ms;
    std::coroutine_handle<> script;
    bool has_happened = false;
  };

  void accepted(net::Connection& connection) noexcept override;
  void resume_scripts();

  const StorageKind kind_;
  Random random_;
  net::sim::SimNetwork network_;
  std::unique_ptr<Medium> medium_;
  Model model_;
  app::Limits limits_;
  app::AlignedMemory memory_;
  storage::Storage* storage_ = nullptr;
  std::optional<app::Server> server_;
  std::optional<transfer::UploadKeeper> keeper_;
  std::vector<Link*> links_;
  std::vector<Waiting*> waiting_;
  std::uint32_t life_ = 0;
  bool is_calm_ = false;
  std::vector<std::string> events_;
};

struct World::Until {
  World& world;
  Waiting waiting;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> script) {
    waiting.script = script;
    world.waiting_.push_back(&waiting);
  }
  bool await_resume() const { return waiting.has_happened; }
};

}  // namespace wherry::sim
