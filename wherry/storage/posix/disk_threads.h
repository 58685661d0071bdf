// SPDX-License-Identifier: MIT
// DiskThreads: the few threads that wait for the disk, so that no loop has to. JobQueue: one loop's
// way to them and back. Know nothing of files.
//
// Jobs are intrusive: asking for one allocates nothing. A job is in one place at a time. Jobs that
// write never take the last thread: a slow fsync does not keep downloads waiting.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "wherry/coro/mailbox.h"

namespace wherry::storage::posix {

class JobQueue;

/// One piece of work that may wait for a disk.
class Job {
 public:
  enum class Kind : std::uint8_t { reads, writes };

  Job() = default;
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  virtual void work() noexcept = 0;  // on a disk thread
  virtual void done() noexcept = 0;  // on the loop, after work; may destroy the job

 protected:
  virtual ~Job() = default;

 private:
  friend class JobList;
  friend class JobQueue;
  friend class DiskThreads;

  Job* next_ = nullptr;
  Job* follower_ = nullptr;       // under the queue's lock: to be worked once this has been
  bool is_being_worked_ = false;  // under the queue's lock
  JobQueue* queue_ = nullptr;
  Kind kind_ = Kind::reads;
};

/// First in, first out. Its users lock.
class JobList {
 public:
  bool is_empty() const noexcept { return first_ == nullptr; }
  void push(Job& job) noexcept {
    job.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &job;
    last_ = &job;
  }
  /// Returns: the first job, taken out; null when there is none.
  Job* pop() noexcept {
    Job* job = first_;
    if (job != nullptr) first_ = job->next_;
    if (first_ == nullptr) last_ = nullptr;
    return job;
  }

 private:
  Job* first_ = nullptr;
  Job* last_ = nullptr;
};

/// Shared by all loops.
class DiskThreads {
 public:
  static constexpr std::uint32_t kMaxThreads = 64;

  /// Starts `count` threads, at least one and at most kMaxThreads. They take no signals.
  explicit DiskThreads(std::uint32_t count) noexcept;
  /// By then every JobQueue has gone.
  ~DiskThreads();
  DiskThreads(const DiskThreads&) = delete;
  DiskThreads& operator=(const DiskThreads&) = delete;

  std::uint32_t count() const noexcept { return count_; }

 private:
  friend class JobQueue;

  void submit(Job& job) noexcept;
  void run() noexcept;
  Job* take() noexcept;

  std::mutex mutex_;
  std::condition_variable wake_;
  JobList reads_;
  JobList writes_;
  std::uint32_t writing_ = 0;  // jobs that write, under way
  bool writes_are_next_ = false;
  bool is_stopping_ = false;
  std::uint32_t count_;
  std::array<std::thread, kMaxThreads> threads_;
};

/// One loop's. Hands jobs to the threads; what they have done comes back by the loop's mailbox.
/// Lifetime: `threads` and `mailbox` outlive it; the mailbox runs nothing of it any more once it
/// has gone (its loop has stopped).
class JobQueue {
 public:
  JobQueue(DiskThreads& threads, coro::Mailbox& mailbox) noexcept
      : threads_(threads), mailbox_(mailbox), arrival_(*this) {}
  /// No job is under way by then (see drain).
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// Has `job.work` called on a disk thread and then `job.done` on the loop.
  void submit(Job& job, Job::Kind kind) noexcept;
  /// The same, but not before `first`, of the same kind, has worked: without a turn of the loop in
  /// between. `first` has no other follower.
  void submit_after(Job& first, Job& job) noexcept;

  /// Waits until every job, and every job that one of them asks for, has ended: for the shutdown
  /// of a loop that does not run any more. Waits as long as the disk takes.
  void drain() noexcept;

  std::uint32_t under_way() const noexcept { return under_way_; }

 private:
  friend class DiskThreads;

  struct Arrival : coro::Completion {
    explicit Arrival(JobQueue& its_queue) noexcept
        : coro::Completion([](coro::Completion& completion) noexcept {
            static_cast<Arrival&>(completion).queue.arrived();
          }),
          queue(its_queue) {}
    JobQueue& queue;
  };

  void begin(Job& job, Job::Kind kind) noexcept;
  /// On a disk thread. Returns: the job that is to be worked next; nullptr: none waits for this
  /// one.
  [[nodiscard]] Job* worked(Job& job) noexcept;
  void arrived() noexcept;
  void take_back() noexcept;

  DiskThreads& threads_;
  coro::Mailbox& mailbox_;
  Arrival arrival_;
  std::uint32_t under_way_ = 0;  // the loop's
  std::mutex mutex_;
  std::condition_variable has_worked_;
  JobList worked_;          // under mutex_
  bool is_posted_ = false;  // under mutex_: the arrival is in the mailbox
};

}  // namespace wherry::storage::posix
