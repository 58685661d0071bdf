// SPDX-License-Identifier: MIT
// The storage contract, asked of wherry/storage/posix on a simulated disk: so is the disk seen to
// be a file system.
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tests/sim/machine.h"
#include "wherry/storage/contract_for_test.h"

namespace wherry::storage {
namespace {

class SimulatedPlace final : public Place {
 public:
  explicit SimulatedPlace(std::uint32_t large_blocks)
      : disk_(4 * 1024 * 1024, random_),
        machine_(
            disk_, random_, [this] { return ++now_ms_; },
            [this](std::function<void()> action) { later_.push_back(std::move(action)); }) {
    loop.look_at([this] { return work(); });
    posix::Options options;
    options.slots = kSlots;
    options.large_blocks = large_blocks;
    options.large_block_bytes = 8192;
    options.small_block_bytes = 2112;
    Result<posix::Root> root = posix::Root::open(sim::Machine::kRootPath, options);
    if (!root) std::abort();
    root_.emplace(std::move(*root));
    storage_.emplace(*root_, threads_, loop, options);
  }
  ~SimulatedPlace() override { machine_.work_at_once(); }
  Storage& storage() override { return *storage_; }
  std::uint32_t slots_in_use() override { return storage_->slots_in_use(); }

 private:
  // One of those that wait, whichever.
  bool work() {
    if (later_.empty()) return false;
    const auto next = later_.begin() + static_cast<std::ptrdiff_t>(random_.below(later_.size()));
    const std::function<void()> action = std::move(*next);
    later_.erase(next);
    action();
    return true;
  }

  sim::Random random_{1};
  sim::Disk disk_;
  std::int64_t now_ms_ = 1'800'000'000'000;
  std::deque<std::function<void()>> later_;
  sim::Machine machine_;
  posix::DiskThreads threads_{2};
  std::optional<posix::Root> root_;
  std::optional<posix::PosixStorage> storage_;
};

}  // namespace

std::vector<BackEnd> simulated_back_ends() {
  return {{"PosixSimulated",
           []() -> std::unique_ptr<Place> { return std::make_unique<SimulatedPlace>(4); }},
          {"PosixSimulatedWithoutLargeBlocks",
           []() -> std::unique_ptr<Place> { return std::make_unique<SimulatedPlace>(0); }}};
}

}  // namespace wherry::storage
