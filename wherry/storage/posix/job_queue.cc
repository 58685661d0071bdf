// SPDX-License-Identifier: MIT
#include <utility>

#include "wherry/base/assert.h"
#include "wherry/storage/posix/disk_threads.h"

namespace wherry::storage::posix {

JobQueue::~JobQueue() { WHERRY_ASSERT(under_way_ == 0); }

void JobQueue::begin(Job& job, Job::Kind kind) noexcept {
  job.queue_ = this;
  job.kind_ = kind;
  job.is_being_worked_ = true;
  ++under_way_;
}

void JobQueue::submit(Job& job, Job::Kind kind) noexcept {
  begin(job, kind);
  threads_.submit(job);
}

void JobQueue::submit_after(Job& first, Job& job) noexcept {
  begin(job, first.kind_);
  {
    const std::lock_guard lock(mutex_);
    WHERRY_ASSERT(first.follower_ == nullptr);
    if (first.is_being_worked_) {
      first.follower_ = &job;
      return;
    }
  }
  threads_.submit(job);
}

Job* JobQueue::worked(Job& job) noexcept {
  // All under the lock: once it is free, drain() may see the last job and end this queue's life.
  const std::lock_guard lock(mutex_);
  job.is_being_worked_ = false;
  Job* const follower = std::exchange(job.follower_, nullptr);
  worked_.push(job);
  if (!is_posted_) {
    is_posted_ = true;
    mailbox_.post(arrival_);
  }
  has_worked_.notify_one();
  return follower;
}

void JobQueue::arrived() noexcept {
  {
    const std::lock_guard lock(mutex_);
    is_posted_ = false;
  }
  take_back();
}

void JobQueue::take_back() noexcept {
  JobList worked;
  {
    const std::lock_guard lock(mutex_);
    worked = std::exchange(worked_, {});
  }
  while (Job* job = worked.pop()) {
    --under_way_;
    job->done();
  }
}

void JobQueue::drain() noexcept {
  while (under_way_ > 0) {
    {
      std::unique_lock lock(mutex_);
      has_worked_.wait(lock, [this] { return !worked_.is_empty(); });
    }
    take_back();
  }
}

}  // namespace wherry::storage::posix
