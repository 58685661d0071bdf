// SPDX-License-Identifier: MIT
#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "tests/sim/link.h"
#include "wherry/coro/runner.h"
#include "wherry/storage/path.h"
#include "wherry/transfer/service.h"

namespace wherry::sim {
namespace {

/// So small that all of it is reached.
app::Limits small_limits(Random& random, StorageKind kind) {
  app::Limits limits;
  limits.max_connections = 5;
  limits.max_refusals = 2;
  limits.max_header_bytes = 2048;
  limits.max_readline = 1024;
  limits.receive_buffer_size = 512;
  limits.arena_bytes = 24 * 1024;
  limits.common_arena_bytes = 32 * 1024;
  limits.kept_events = 8;
  limits.max_unfinished_uploads = 6;
  limits.upload_max_age_s = 3600;
  limits.upload_keep_bytes = 1024u << random.below(6);
  limits.keeps_upload_digests = kind == StorageKind::posix;  // as boards do, and as they do not
  if (random.chance(40)) limits.max_unfinished_bytes = 50'000 + random.below(150'000);
  return limits;
}

/// Looks for what is still in use.
class UseSink final : public StatusSink {
 public:
  std::string in_use;

 private:
  void section(const char* name) noexcept override { where_ = name; }
  void item(const char* name) noexcept override { where_ = name; }
  void number(const char* name, std::uint64_t value, Kind) noexcept override {
    const std::string_view text(name);
    const bool is_use =
        text == "used" || text == "busy" || text == "used_bytes" || text == "jobs_under_way";
    if (is_use && value != 0 && where_ != "files") {
      in_use += where_ + '.' + name + '=' + std::to_string(value) + ' ';
    }
  }
  void text(const char*, const char*) noexcept override {}

  std::string where_;
};

}  // namespace

World::World(std::uint64_t seed, StorageKind kind)
    : kind_(kind),
      random_(seed),
      network_(random_.bits()),
      medium_(kind == StorageKind::posix ? make_posix_medium(random_, network_.loop())
                                         : make_littlefs_medium(random_, network_.loop())),
      limits_(small_limits(random_, kind)),
      memory_(app::Server::required_bytes(limits_)) {}

World::~World() {
  keeper_.reset();
  server_.reset();
  medium_.reset();
  loop().run_until_idle();
}

// ---------------------------------------------------------------- for clients

World::Until World::until(std::function<bool()> condition, std::uint64_t within_ms) {
  const std::uint64_t deadline_ms = now_ms() + within_ms;
  loop().after(within_ms, [] {});
  return Until{*this, {std::move(condition), deadline_ms, nullptr, false}};
}

World::Until World::sleep(std::uint64_t duration_ms) {
  return until([] { return false; }, duration_ms);
}

net::sim::SimPeer& World::connect(Link& link) {
  using net::sim::Pieces;
  links_.push_back(&link);
  net::sim::SimOptions options;
  options.reads = random_.chance(70) ? Pieces::random : Pieces::whole;
  options.writes = random_.chance(50) ? Pieces::random : Pieces::whole;
  options.min_delay_ms = static_cast<std::uint32_t>(random_.below(20));
  options.max_delay_ms = options.min_delay_ms + static_cast<std::uint32_t>(random_.below(30));
  options.window_size = 1024u << random_.below(7);
  return network_.connect(*this, options);
}

void World::accepted(net::Connection& connection) noexcept {
  if (server_) return server_->accepted(connection);
  connection.abort();
}

// Those that are resumed may come to wait again, or end others.
void World::resume_scripts() {
  std::vector<Waiting*> ready;
  for (Waiting* waiting : waiting_) {
    waiting->has_happened = waiting->condition();
    if (waiting->has_happened || now_ms() >= waiting->deadline_ms) ready.push_back(waiting);
  }
  for (Waiting* waiting : ready) {
    const auto found = std::ranges::find(waiting_, waiting);
    if (found == waiting_.end()) continue;
    waiting_.erase(found);
    waiting->script.resume();
  }
}

// ---------------------------------------------------------------- for the simulation

bool World::start_server() {
  storage_ = medium_->open();
  if (storage_ == nullptr) return false;
  server_.emplace(transfer::kService, limits_, *storage_, loop(), nullptr, memory_.bytes());
  // Boards have none: there old uploads are removed by who begins one.
  if (kind_ == StorageKind::posix) {
    keeper_.emplace(*storage_, loop(), limits_, server_->claims());
    keeper_->start();
  }
  return true;
}

void World::stop_server() {
  keeper_.reset();
  run_until([] { return false; }, 1'000);
  UseSink sink;
  server_->report(sink);
  storage_->report(sink);
  if (!sink.in_use.empty()) throw Violation("nobody is there, and in use is: " + sink.in_use);
  server_.reset();
  medium_->close();
}

void World::lose_power() {
  medium_->cut_now();
  for (Link* link : links_) link->power_went();
  model_.power_went();
  ++life_;
  keeper_.reset();
  server_.reset();
  medium_->close();
  storage_ = nullptr;
  trace("the power goes");
}

void World::power_on() { medium_->power_on(); }

bool World::run_until(const std::function<bool()>& has_happened, std::uint64_t within_ms) {
  const std::uint64_t deadline_ms = now_ms() + within_ms;
  loop().after(within_ms, [] {});
  loop().run_until(
      [&] {
        medium_->poll();
        if (!medium_->has_power()) return true;
        resume_scripts();
        return has_happened() || now_ms() >= deadline_ms;
      },
      within_ms + 1);
  return medium_->has_power();
}

bool World::run(Script<>& script) {
  const std::vector<Waiting*> others = std::exchange(waiting_, {});
  script.start();
  const bool has_power = run_until([&] { return script.has_ended(); }, 48ull * 3600 * 1000);
  waiting_.insert(waiting_.begin(), others.begin(), others.end());
  if (!has_power) return false;
  if (!script.has_ended()) throw Violation("something never ends");
  script.result();
  return true;
}

namespace {

coro::Task<> list_uploads(coro::Context&, storage::Storage& storage, Unfinished& found) {
  storage::Folder folder =
      co_await storage.list(storage::kUploadsFolder, {}, storage::Scope::uploads);
  while (true) {
    const storage::FolderPage page = co_await folder.read();
    for (std::uint32_t i = 0; i < page.count(); ++i) {
      found.names.emplace_back(page[i].name);
      const bool is_note = page[i].name.ends_with(".note");
      found.count += is_note ? 1 : 0;
      found.bytes += is_note ? 0 : page[i].size;
    }
    if (page.is_last() || page.count() == 0) co_return;
  }
}

}  // namespace

Unfinished World::uploads() {
  Unfinished found;
  const app::AlignedMemory memory(4096);
  coro::Arena arena(memory.bytes());
  coro::Context context(arena, loop().ready_list());
  coro::Runner runner(loop().ready_list(), [](void*, Error) noexcept {}, nullptr);
  runner.start(list_uploads(context, *storage_, found));
  run_until([&] { return !runner.is_running(); }, 60'000);
  return found;
}

void World::trace(const std::string& text) {
  const std::uint64_t ms = now_ms();
  std::string time = std::to_string(ms / 1000) + '.' + std::to_string(1000 + ms % 1000).substr(1);
  events_.push_back(time + "  " + text);
}

}  // namespace wherry::sim
