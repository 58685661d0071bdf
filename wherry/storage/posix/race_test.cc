// SPDX-License-Identifier: MIT
// Several loops that change one name at a time: of those who expect the same, one wins.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <functional>
#include <thread>

#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

constexpr std::uint32_t kLoops = 8;

// Loops with a storage each, over one folder in memory.
class Races : public ::testing::Test {
 protected:
  struct Loop {
    Loop(const Root& root, DiskThreads& threads)
        : storage(root, threads, loop, PlaceForTest::small_options()) {}

    Result<StagedFile> stage(std::string_view path, std::string_view text) {
      Result<StagedFile> file = loop.run(storage.create(path));
      if (!file) return file.error();
      const Result<> written = loop.run(file->write(as_bytes(text)));
      if (!written) return written.error();
      return file;
    }

    TestLoop loop;
    PosixStorage storage;
  };

  Races() : root_(Root::open(folder_.path().c_str(), {})) {}

  /// Runs `body` for each loop, on a thread of its own.
  void run(const std::function<void(Loop&, std::uint32_t)>& body) {
    std::array<std::thread, kLoops> runners;
    for (std::uint32_t i = 0; i < kLoops; ++i) {
      runners[i] = std::thread([&, i] {
        Loop loop(*root_, threads_);
        body(loop, i);
        EXPECT_TRUE(loop.loop.run_until([&] { return loop.storage.slots_in_use() == 0; }));
      });
    }
    for (std::thread& runner : runners) runner.join();
  }

  const FolderForTest folder_{"/dev/shm"};
  DiskThreads threads_{kLoops + 1};
  Result<Root> root_;
};

TEST_F(Races, OneOfThoseWhoExpectTheSameVersionWins) {
  ASSERT_TRUE(root_);
  // Without the lock, two win once in some thousand rounds.
  constexpr int kRounds = 4000;
  std::barrier together(kLoops);
  std::atomic<std::uint64_t> version = 0;  // none: the first round expects nothing
  std::atomic<std::uint32_t> winners = 0;
  run([&](Loop& loop, std::uint32_t) {
    for (int round = 0; round < kRounds; ++round) {
      Result<StagedFile> file = loop.stage("file", "text");
      ASSERT_TRUE(file);
      const std::uint64_t seen = version;
      const Expected expected =
          seen == 0 ? Expected{Expected::Kind::nothing} : Expected{Expected::Kind::version, seen};
      together.arrive_and_wait();
      const Result<> committed = loop.loop.run(file->commit({.expected = expected}));
      if (committed) {
        ++winners;
        version = file->version();
      } else {
        EXPECT_EQ(committed.error(), Error::precondition_failed);
      }
      together.arrive_and_wait();
      EXPECT_EQ(winners, static_cast<std::uint32_t>(round + 1));
      together.arrive_and_wait();
    }
  });
  EXPECT_EQ(winners, static_cast<std::uint32_t>(kRounds));
}

}  // namespace
}  // namespace wherry::storage::posix
