// SPDX-License-Identifier: MIT
#include <optional>

#include "tests/powerloss/faulty_device.h"
#include "tests/sim/medium.h"
#include "wherry/storage/littlefs/file_system.h"
#include "wherry/storage/littlefs/littlefs_storage.h"
#include "wherry/storage/littlefs/ram_storage_for_test.h"

namespace wherry::sim {
namespace {

using powerloss::Earlier;
using powerloss::FaultyDevice;
using powerloss::Last;
using storage::littlefs::FileSystem;
using storage::littlefs::Format;
using storage::littlefs::LittlefsStorage;
using storage::littlefs::StorageOn;
namespace lfs = storage::littlefs::lfs;

storage::littlefs::Options options() {
  return {.slots = 10,
          .uploads = &storage::littlefs::Writer::kUploads,
          .file_system = {.lookahead_bytes = 32}};
}

class LittlefsMedium final : public Medium {
 public:
  LittlefsMedium(Random& random, net::sim::SimLoop& loop)
      : random_(random),
        loop_(loop),
        device_({.sector_count = 4096, .needs_erasure = random.chance(50)}) {}

  storage::Storage* open() override {
    on_.emplace(device_, options());
    if (on_->storage().mount(Format::if_blank) == storage::littlefs::Medium::ready) {
      return &on_->storage();
    }
    on_.reset();
    return nullptr;
  }
  void close() override { on_.reset(); }

  void cut_at(std::uint64_t index) override { device_.cut_at(index); }
  // What is written by those who are dropped now is not written any more.
  void cut_now() override {
    has_been_cut_ = true;
    device_.cut_at(0);
  }
  bool has_power() const override { return device_.has_power() && !has_been_cut_; }
  void power_on() override {
    has_been_cut_ = false;
    const auto earlier = static_cast<Earlier>(random_.below(powerloss::kAllEarlier.size()));
    const auto last = static_cast<Last>(random_.below(powerloss::kAllLast.size()));
    device_.power_on({earlier, last}, static_cast<std::uint32_t>(random_.bits()));
  }
  std::uint64_t write_count() const override { return device_.write_count(); }
  bool has_clock() const override { return false; }

  void poll() override {
    if (!on_) return;
    on_->storage().poll(loop_.uptime_ms());
    const auto deadline_ms = on_->storage().next_deadline_ms();
    if (!deadline_ms || *deadline_ms <= woken_ms_ || *deadline_ms <= loop_.uptime_ms()) return;
    woken_ms_ = *deadline_ms;
    loop_.after(*deadline_ms - loop_.uptime_ms(), [] {});
  }

  std::string debris() override {
    FileSystem files(device_, {caches_[0], caches_[1], lookahead_}, options().file_system);
    if (files.mount(Format::never) != storage::littlefs::Medium::ready) return "cannot be mounted";
    lfs::Folder folder{};
    if (lfs::folder_open(files.handle(), &folder, ".wherry") < 0) return "";
    std::string text;
    lfs::Info info;
    while (lfs::folder_read(files.handle(), &folder, &info) > 0) {
      const std::string name = info.name;
      if (name != "." && name != ".." && name != "uploads") text += name + ' ';
    }
    lfs::folder_close(files.handle(), &folder);
    return text;
  }
  std::uint64_t used_bytes() override {
    StorageOn on(device_, options());
    static_cast<void>(on.storage().mount(Format::never));
    const Result<std::uint64_t> free_bytes = on.storage().free_bytes();
    return on.storage().total_bytes() - free_bytes.value_or(0);
  }

 private:
  Random& random_;
  net::sim::SimLoop& loop_;
  FaultyDevice device_;
  std::optional<StorageOn> on_;
  alignas(8) std::byte caches_[2][512];
  alignas(8) std::byte lookahead_[32];
  std::uint64_t woken_ms_ = 0;
  bool has_been_cut_ = false;
};

}  // namespace

std::unique_ptr<Medium> make_littlefs_medium(Random& random, net::sim::SimLoop& loop) {
  return std::make_unique<LittlefsMedium>(random, loop);
}

}  // namespace wherry::sim
