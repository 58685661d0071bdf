// SPDX-License-Identifier: MIT
// Machine: what the system calls and the disk threads of wherry/storage/posix find in a simulation:
// a disk, a clock, chance, and a way to be called later. There is one at a time in a program.
//
// A program that is linked with wherry_sim_machine has the calls of that back end come
// here (system_calls.cc, disk_threads.cc): those for what lies beneath kRootPath, or for one of the
// machine's descriptors. All others go to the system.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "tests/sim/disk.h"
#include "tests/sim/random.h"

namespace wherry::sim {

/// What a descriptor leads to.
struct Description {
  Disk::Number number = 0;
  bool is_path_only = false;
  std::uint64_t cookie = 0;  // of a folder: behind which entry the next read goes on
};

class Machine {
 public:
  static constexpr const char* kRootPath = "/simulated";
  static constexpr int kFirstDescriptor = 1 << 20;

  /// Has `action` called later, from the loop.
  using Later = std::function<void(std::function<void()> action)>;

  /// Lifetime: all outlive it.
  Machine(Disk& disk, Random& random, std::function<std::int64_t()> now_ms, Later later);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  /// The one that there is; null: none, and every call goes to the system.
  static Machine* current() noexcept;

  Disk& disk() { return disk_; }
  Random& random() { return random_; }
  /// Never the same twice.
  std::int64_t now_ns() { return now_ms_() * 1'000'000 + ++tick_ % 1'000'000; }
  std::int64_t now_ms() const { return now_ms_(); }

  // Descriptors.
  int open(Disk::Number number, bool is_path_only);
  int duplicate(int fd);
  void close(int fd);
  /// Returns: null: it is not one of ours.
  Description* find(int fd);
  std::size_t open_count() const { return descriptors_.size(); }

  /// Whether `owner` has the lock of that file now.
  bool lock(Disk::Number number, const Description* owner);

  // Work of disk threads.
  void submit(std::function<void()> job);
  /// From now on jobs are done within submit(); those that wait are done now.
  void work_at_once();

 private:
  void run_job(std::uint64_t id);

  Disk& disk_;
  Random& random_;
  std::function<std::int64_t()> now_ms_;
  Later later_;
  std::int64_t tick_ = 0;
  std::map<int, std::shared_ptr<Description>> descriptors_;
  std::map<Disk::Number, const Description*> locks_;
  std::map<std::uint64_t, std::function<void()>> jobs_;
  std::uint64_t next_job_ = 0;
  bool works_at_once_ = false;
  /// What scheduled calls look at: the machine may have gone.
  std::shared_ptr<Machine*> self_ = std::make_shared<Machine*>(this);
};

}  // namespace wherry::sim
