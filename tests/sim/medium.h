// SPDX-License-Identifier: MIT
// Medium: what outlives the power in a simulation, and the storage that is opened on it for one
// life of a server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tests/sim/random.h"
#include "wherry/net/sim/loop.h"
#include "wherry/storage/storage.h"

namespace wherry::sim {

class Medium {
 public:
  virtual ~Medium() = default;

  /// Opens the storage. Returns: null: the power went meanwhile.
  virtual storage::Storage* open() = 0;
  /// Drops the storage, of which nothing is in use any more by those above it.
  virtual void close() = 0;

  /// The power goes in the `index`-th write from now on, or now; and comes back.
  virtual void cut_at(std::uint64_t index) = 0;
  virtual void cut_now() = 0;
  virtual bool has_power() const = 0;
  virtual void power_on() = 0;
  virtual std::uint64_t write_count() const = 0;

  /// Called in each turn of the loop.
  virtual void poll() {}
  /// Whether the storage tells when a file was written.
  virtual bool has_clock() const = 0;

  // With the storage closed.

  /// What is left that should have gone ("": nothing): staged files, descriptors. Not the folder of
  /// the uploads.
  virtual std::string debris() = 0;
  /// Bytes that files take.
  virtual std::uint64_t used_bytes() = 0;
};

/// wherry/storage/posix on a Disk.
std::unique_ptr<Medium> make_posix_medium(Random& random, net::sim::SimLoop& loop);
/// wherry/storage/littlefs on a FaultyDevice.
std::unique_ptr<Medium> make_littlefs_medium(Random& random, net::sim::SimLoop& loop);

}  // namespace wherry::sim
