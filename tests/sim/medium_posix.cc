// SPDX-License-Identifier: MIT
#include <optional>
#include <utility>

#include "tests/sim/machine.h"
#include "tests/sim/medium.h"
#include "wherry/storage/posix/posix_storage.h"

namespace wherry::sim {
namespace {

using storage::posix::DiskThreads;
using storage::posix::PosixStorage;
using storage::posix::Root;

constexpr std::uint64_t kCapacityBytes = 2 * 1024 * 1024;
constexpr std::uint64_t kMaxJobDelayMs = 30;

storage::posix::Options options() {
  storage::posix::Options options;
  options.slots = 24;
  options.large_blocks = 2;
  options.large_block_bytes = 8192;
  options.small_block_bytes = 2048;
  options.waiting_writers = 1;  // else none would ever be written for want of a block
  return options;
}

class PosixMedium final : public Medium {
 public:
  PosixMedium(Random& random, net::sim::SimLoop& loop)
      : random_(random), loop_(loop), disk_(kCapacityBytes, random) {}
  ~PosixMedium() override { close(); }

  storage::Storage* open() override {
    machine_.emplace(
        disk_, random_,
        [this] {
          return *loop_.unix_time_s() * 1000 + static_cast<std::int64_t>(loop_.uptime_ms() % 1000);
        },
        [this](std::function<void()> action) {
          loop_.after(random_.below(kMaxJobDelayMs + 1), std::move(action));
        });
    Result<Root> root = Root::open(Machine::kRootPath, options());
    if (!root) {
      machine_.reset();
      return nullptr;
    }
    root_.emplace(std::move(*root));
    storage_.emplace(*root_, threads_, loop_, options());
    return &*storage_;
  }

  // What the disk threads have begun they do, on a disk without power if that went.
  void close() override {
    if (!machine_) return;
    machine_->work_at_once();
    storage_.reset();
    loop_.run_until_idle();
    root_.reset();
    descriptors_left_ = machine_->open_count();
    machine_.reset();
  }

  void cut_at(std::uint64_t index) override { disk_.cut_at(index); }
  void cut_now() override { disk_.cut_now(); }
  bool has_power() const override { return disk_.has_power(); }
  void power_on() override { disk_.power_on(); }
  std::uint64_t write_count() const override { return disk_.change_count(); }
  bool has_clock() const override { return true; }

  std::string debris() override {
    std::string text;
    const Disk::Number own = disk_.find(Disk::kRoot, ".wherry");
    for (const auto& [name, entry] : disk_.node(disk_.find(own, "staging")).entries) {
      text += "staging/" + name + ' ';
    }
    if (descriptors_left_ != 0) text += std::to_string(descriptors_left_) + " descriptors ";
    return text;
  }
  std::uint64_t used_bytes() override { return disk_.used_bytes(); }

 private:
  Random& random_;
  net::sim::SimLoop& loop_;
  Disk disk_;
  DiskThreads threads_{2};
  std::optional<Machine> machine_;
  std::optional<Root> root_;
  std::optional<PosixStorage> storage_;
  std::size_t descriptors_left_ = 0;
};

}  // namespace

std::unique_ptr<Medium> make_posix_medium(Random& random, net::sim::SimLoop& loop) {
  return std::make_unique<PosixMedium>(random, loop);
}

}  // namespace wherry::sim
