// SPDX-License-Identifier: MIT
// The disk threads of wherry/storage/posix as a simulation has them: none, but jobs that a machine
// does later, one at a time. Linked in the place of wherry/storage/posix/disk_threads.cc.
#include "wherry/storage/posix/disk_threads.h"

#include <cstdlib>

#include "tests/sim/machine.h"

namespace wherry::storage::posix {

DiskThreads::DiskThreads(std::uint32_t count) noexcept : count_(count) {}

DiskThreads::~DiskThreads() = default;

void DiskThreads::submit(Job& job) noexcept {
  sim::Machine* const machine = sim::Machine::current();
  if (machine == nullptr) std::abort();
  machine->submit([this, &job] {
    job.work();
    if (Job* const follower = job.queue_->worked(job)) submit(*follower);
  });
}

}  // namespace wherry::storage::posix
