// SPDX-License-Identifier: MIT
#include "tests/sim/machine.h"

#include <cstdlib>
#include <utility>

namespace wherry::sim {
namespace {

Machine* the_machine = nullptr;

}  // namespace

Machine::Machine(Disk& disk, Random& random, std::function<std::int64_t()> now_ms, Later later)
    : disk_(disk), random_(random), now_ms_(std::move(now_ms)), later_(std::move(later)) {
  if (std::exchange(the_machine, this) != nullptr) std::abort();
}

Machine::~Machine() {
  *self_ = nullptr;
  the_machine = nullptr;
}

Machine* Machine::current() noexcept { return the_machine; }

int Machine::open(Disk::Number number, bool is_path_only) {
  int fd = kFirstDescriptor;
  for (const auto& [taken, description] : descriptors_) {
    if (taken != fd) break;
    ++fd;
  }
  descriptors_[fd] = std::make_shared<Description>(Description{number, is_path_only, 0});
  disk_.opened(number);
  return fd;
}

int Machine::duplicate(int fd) {
  const std::shared_ptr<Description> description = descriptors_.at(fd);
  const int copy = open(description->number, description->is_path_only);
  descriptors_[copy] = description;
  return copy;
}

void Machine::close(int fd) {
  const auto found = descriptors_.find(fd);
  const std::shared_ptr<Description> description = found->second;
  descriptors_.erase(found);
  disk_.closed(description->number);
  const auto locked = locks_.find(description->number);
  const bool is_last = description.use_count() == 1;
  if (is_last && locked != locks_.end() && locked->second == description.get()) {
    locks_.erase(locked);
  }
}

Description* Machine::find(int fd) {
  const auto found = descriptors_.find(fd);
  return found != descriptors_.end() ? found->second.get() : nullptr;
}

bool Machine::lock(Disk::Number number, const Description* owner) {
  return locks_.emplace(number, owner).first->second == owner;
}

void Machine::submit(std::function<void()> job) {
  if (works_at_once_) return job();
  const std::uint64_t id = next_job_++;
  jobs_.emplace(id, std::move(job));
  later_([self = self_, id] {
    if (*self != nullptr) (*self)->run_job(id);
  });
}

void Machine::run_job(std::uint64_t id) {
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return;
  const std::function<void()> job = std::move(found->second);
  jobs_.erase(found);
  job();
}

void Machine::work_at_once() {
  works_at_once_ = true;
  while (!jobs_.empty()) run_job(jobs_.begin()->first);
}

}  // namespace wherry::sim
