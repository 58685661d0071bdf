// SPDX-License-Identifier: MIT
// Meter: asks the system how full a storage is, on a disk thread, since a network's file system may
// take long to say. One job answers all who have asked meanwhile.
#pragma once

#include "wherry/storage/posix/disk_threads.h"
#include "wherry/storage/posix/root.h"
#include "wherry/storage/storage.h"

namespace wherry::storage::posix {

class Meter final : private Job {
 public:
  /// Lifetime: both outlive it, and no job is under way when it ends.
  Meter(const Root& root, JobQueue& jobs) noexcept : root_(root), jobs_(jobs) {}

  void begin(Storage::Measure& operation) noexcept;
  void cancel(Storage::Measure& operation) noexcept;

 private:
  void work() noexcept override;
  void done() noexcept override;

  const Root& root_;
  JobQueue& jobs_;
  Storage::Measure* first_ = nullptr;  // they wait
  bool is_under_way_ = false;
  Result<Space> space_ = Error::disk_failed;  // the job's, while it is under way
};

}  // namespace wherry::storage::posix
