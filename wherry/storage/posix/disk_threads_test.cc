// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/disk_threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wherry/storage/test_loop.h"

namespace wherry::storage::posix {
namespace {

class TestJob final : public Job {
 public:
  explicit TestJob(
      std::function<void()> work, std::function<void()> done = [] {})
      : work_(std::move(work)), done_(std::move(done)) {}
  void work() noexcept override { work_(); }
  void done() noexcept override { done_(); }

 private:
  std::function<void()> work_;
  std::function<void()> done_;
};

TEST(DiskThreads, WorkElsewhereAndComeBackToTheLoop) {
  TestLoop loop;
  DiskThreads threads(2);
  JobQueue queue(threads, loop);
  const std::thread::id here = std::this_thread::get_id();
  std::thread::id worked;
  std::thread::id done;
  TestJob job([&] { worked = std::this_thread::get_id(); },
              [&] { done = std::this_thread::get_id(); });
  queue.submit(job, Job::Kind::reads);
  EXPECT_EQ(queue.under_way(), 1u);
  ASSERT_TRUE(loop.run_until([&] { return queue.under_way() == 0; }));
  EXPECT_NE(worked, here);
  EXPECT_EQ(done, here);
}

TEST(DiskThreads, WritesNeverTakeTheLastThread) {
  TestLoop loop;
  DiskThreads threads(3);
  JobQueue queue(threads, loop);
  std::latch release(1);
  std::atomic<int> writing = 0;
  int most_writing = 0;
  std::vector<std::unique_ptr<TestJob>> writes;
  for (int i = 0; i < 6; ++i) {
    writes.push_back(std::make_unique<TestJob>([&] {
      ++writing;
      release.wait();
    }));
    queue.submit(*writes.back(), Job::Kind::writes);
  }
  bool has_read = false;
  TestJob read([&] { most_writing = writing; }, [&] { has_read = true; });
  queue.submit(read, Job::Kind::reads);
  EXPECT_TRUE(loop.run_until([&] { return has_read; }));
  EXPECT_LE(most_writing, 2);
  release.count_down();
  EXPECT_TRUE(loop.run_until([&] { return queue.under_way() == 0; }));
  EXPECT_EQ(writing, 6);
}

TEST(DiskThreads, OneThreadDoesBoth) {
  TestLoop loop;
  DiskThreads threads(1);
  JobQueue queue(threads, loop);
  int done = 0;
  TestJob read([] {}, [&] { ++done; });
  TestJob write([] {}, [&] { ++done; });
  queue.submit(write, Job::Kind::writes);
  queue.submit(read, Job::Kind::reads);
  EXPECT_TRUE(loop.run_until([&] { return done == 2; }));
}

TEST(DiskThreads, NeitherKindStarves) {
  TestLoop loop;
  DiskThreads threads(1);
  JobQueue queue(threads, loop);
  std::latch begin(1);
  std::vector<char> order;
  std::vector<std::unique_ptr<TestJob>> jobs;
  const auto submit = [&](char name, Job::Kind kind) {
    jobs.push_back(std::make_unique<TestJob>([&order, &begin, name] {
      begin.wait();
      order.push_back(name);
    }));
    queue.submit(*jobs.back(), kind);
  };
  for (int i = 0; i < 10; ++i) submit('r', Job::Kind::reads);
  for (int i = 0; i < 10; ++i) submit('w', Job::Kind::writes);
  begin.count_down();
  ASSERT_TRUE(loop.run_until([&] { return queue.under_way() == 0; }));
  ASSERT_EQ(order.size(), 20u);
  for (std::size_t i = 2; i + 2 < order.size(); ++i) EXPECT_NE(order[i], order[i + 1]) << i;
}

TEST(JobQueue, FollowerIsWorkedAfterTheFirstWithoutATurnOfTheLoop) {
  TestLoop loop;
  DiskThreads threads(4);
  JobQueue queue(threads, loop);
  std::latch begin(1);
  std::latch both(2);
  std::atomic<bool> first_is_over = false;
  bool is_after = false;
  TestJob first([&] {
    begin.wait();
    first_is_over = true;
    both.count_down();
  });
  TestJob second([&] {
    is_after = first_is_over;
    both.count_down();
  });
  queue.submit(first, Job::Kind::writes);
  queue.submit_after(first, second);
  EXPECT_EQ(queue.under_way(), 2u);
  begin.count_down();
  both.wait();  // the loop does not run meanwhile
  EXPECT_TRUE(is_after);
  EXPECT_TRUE(loop.run_until([&] { return queue.under_way() == 0; }));
}

TEST(JobQueue, FollowerOfOneThatHasWorkedIsWorkedToo) {
  TestLoop loop;
  DiskThreads threads(2);
  JobQueue queue(threads, loop);
  std::latch has_worked(1);
  TestJob first([&] { has_worked.count_down(); });
  queue.submit(first, Job::Kind::writes);
  has_worked.wait();
  int done = 0;
  TestJob second([] {}, [&] { ++done; });
  queue.submit_after(first, second);
  EXPECT_TRUE(loop.run_until([&] { return queue.under_way() == 0; }));
  EXPECT_EQ(done, 1);
}

TEST(JobQueue, LongChainDoesNotKeepOthersWaiting) {
  TestLoop loop;
  DiskThreads threads(1);
  JobQueue queue(threads, loop);
  std::latch begin(1);
  std::vector<char> order;
  TestJob first([&] {
    begin.wait();
    order.push_back('1');
  });
  TestJob follower([&] { order.push_back('2'); });
  TestJob other([&] { order.push_back('x'); });
  queue.submit(first, Job::Kind::writes);
  queue.submit_after(first, follower);
  queue.submit(other, Job::Kind::writes);
  begin.count_down();
  ASSERT_TRUE(loop.run_until([&] { return queue.under_way() == 0; }));
  EXPECT_EQ(std::string(order.begin(), order.end()), "1x2");
}

TEST(JobQueue, DrainsWhatJobsAskForToo) {
  TestLoop loop;
  DiskThreads threads(2);
  int rounds = 0;
  std::optional<JobQueue> queue(std::in_place, threads, loop);
  std::unique_ptr<TestJob> job;
  job = std::make_unique<TestJob>([] {},
                                  [&] {
                                    if (++rounds < 5) queue->submit(*job, Job::Kind::reads);
                                  });
  queue->submit(*job, Job::Kind::reads);
  queue->drain();
  EXPECT_EQ(rounds, 5);
}

TEST(JobQueue, TwoLoopsShareTheThreads) {
  DiskThreads threads(2);
  std::atomic<int> worked = 0;
  const auto use = [&] {
    TestLoop loop;
    JobQueue queue(threads, loop);
    int done = 0;
    TestJob job([&] { ++worked; }, [&] { ++done; });
    for (int i = 0; i < 2000; ++i) {
      queue.submit(job, i % 2 == 0 ? Job::Kind::reads : Job::Kind::writes);
      EXPECT_TRUE(loop.run_until([&] { return queue.under_way() == 0; }));
    }
    EXPECT_EQ(done, 2000);
  };
  std::thread other(use);
  use();
  other.join();
  EXPECT_EQ(worked, 4000);
}

}  // namespace
}  // namespace wherry::storage::posix
