// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/meter.h"

#include <sys/statvfs.h>

#include <utility>

namespace wherry::storage::posix {

void Meter::begin(Storage::Measure& operation) noexcept {
  operation.next = std::exchange(first_, &operation);
  if (is_under_way_) return;
  is_under_way_ = true;
  jobs_.submit(*this, Job::Kind::reads);
}

void Meter::cancel(Storage::Measure& operation) noexcept {
  Storage::Measure** place = &first_;
  while (*place != &operation) place = &(*place)->next;
  *place = operation.next;
}

void Meter::work() noexcept {
  struct statvfs system{};
  if (::fstatvfs(root_.fd(), &system) != 0) {
    space_ = Error::disk_failed;
    return;
  }
  const std::uint64_t unit_bytes = system.f_frsize;
  space_ = Space{.total_bytes = unit_bytes * system.f_blocks,
                 .free_bytes = unit_bytes * system.f_bavail};
}

void Meter::done() noexcept {
  is_under_way_ = false;
  Storage::Measure* operation = std::exchange(first_, nullptr);
  while (operation != nullptr) {
    Storage::Measure& ended = *std::exchange(operation, operation->next);
    if (space_) {
      ended.succeed(*space_);
    } else {
      ended.finish(space_.error());
    }
  }
}

}  // namespace wherry::storage::posix
