// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/disk_threads.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>

#include "wherry/base/assert.h"

namespace wherry::storage::posix {

DiskThreads::DiskThreads(std::uint32_t count) noexcept
    : count_(std::clamp(count, std::uint32_t{1}, kMaxThreads)) {
  // A thread inherits its maker's mask: signals are for the loops.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  for (std::uint32_t i = 0; i < count_; ++i) threads_[i] = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

DiskThreads::~DiskThreads() {
  {
    const std::lock_guard lock(mutex_);
    WHERRY_ASSERT(reads_.is_empty() && writes_.is_empty());
    is_stopping_ = true;
  }
  wake_.notify_all();
  for (std::uint32_t i = 0; i < count_; ++i) threads_[i].join();
}

void DiskThreads::submit(Job& job) noexcept {
  {
    const std::lock_guard lock(mutex_);
    (job.kind_ == Job::Kind::writes ? writes_ : reads_).push(job);
  }
  wake_.notify_one();
}

// The two kinds take turns, so that neither starves. Under mutex_.
Job* DiskThreads::take() noexcept {
  const bool may_write = !writes_.is_empty() && (writing_ + 1 < count_ || count_ == 1);
  if (may_write && (writes_are_next_ || reads_.is_empty())) {
    writes_are_next_ = false;
    ++writing_;
    return writes_.pop();
  }
  writes_are_next_ = true;
  return reads_.pop();
}

void DiskThreads::run() noexcept {
  std::unique_lock lock(mutex_);
  while (true) {
    Job* job = take();
    if (job == nullptr) {
      if (is_stopping_) return;
      wake_.wait(lock);
      continue;
    }
    const bool writes = job->kind_ == Job::Kind::writes;
    lock.unlock();
    job->work();
    Job* const follower = job->queue_->worked(*job);
    lock.lock();
    if (writes) --writing_;
    // Behind those that wait already; as a rule there are none, and this thread goes on with it.
    if (follower != nullptr) (writes ? writes_ : reads_).push(*follower);
  }
}

}  // namespace wherry::storage::posix
