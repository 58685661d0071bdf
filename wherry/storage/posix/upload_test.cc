// SPDX-License-Identifier: MIT
// Uploads that outlive the program: what is left of one that was killed, who else may have it, and
// what becomes of it on a full disk and for another mount.
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/mount.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <csignal>
#include <cstring>
#include <optional>
#include <random>
#include <thread>

#include "wherry/storage/path.h"
#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

constexpr std::string_view kUpload = ".wherry/uploads/0a1b";

CreateOptions from(std::uint64_t size) { return {.scope = Scope::uploads, .resume_at = size}; }

Result<> keep(PlaceForTest& place, StagedFile& file, std::string_view text) {
  if (const Result<> written = place.write(file, text); !written) return written;
  return place.loop().run(file.sync());
}

Result<> commit(PlaceForTest& place, StagedFile& file, std::string_view path) {
  return place.loop().run(file.commit({.path = path}));
}

// ---------------------------------------------------------------- killed

constexpr std::size_t kWholeBytes = 300'000;

// Goes on with the upload from `kept`, and tells by `told` how much of it has been kept: each time
// a number, and when it has been committed the size of the whole and one more.
[[noreturn]] void upload(const std::string& folder, std::uint64_t kept, unsigned seed, int told) {
  PlaceForTest place(folder);
  std::mt19937 random(seed);
  const std::string text = some_text(kWholeBytes);
  Result<StagedFile> file = place.create(kUpload, from(kept));
  if (!file) ::_exit(1);
  const auto tell = [&](std::uint64_t size) {
    if (::write(told, &size, sizeof(size)) != sizeof(size)) ::_exit(1);
  };
  tell(kept);
  while (kept < text.size()) {
    const std::string_view piece = std::string_view(text).substr(kept, random() % 20'000);
    if (!keep(place, *file, piece)) ::_exit(1);
    kept += piece.size();
    tell(kept);
  }
  if (!commit(place, *file, "made/file")) ::_exit(1);
  tell(kWholeBytes + 1);
  while (true) ::pause();
}

TEST(Upload, KilledServerKeepsWhatItTold) {
  const FolderForTest folder;
  std::mt19937 random(20261122);
  const std::string text = some_text(kWholeBytes);
  std::uint64_t kept = 0;
  int commits = 0;
  for (int round = 0; round < 60; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) upload(folder.path(), kept, static_cast<unsigned>(round), pipe[1]);
    ::close(pipe[1]);
    std::uint64_t told;
    ASSERT_EQ(::read(pipe[0], &told, sizeof(told)), ssize_t{sizeof(told)}) << "round " << round;
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    ::kill(child, SIGKILL);
    while (::read(pipe[0], &told, sizeof(told)) == ssize_t{sizeof(told)}) kept = told;
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "round " << round;

    PlaceForTest place(folder.path());
    EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
    const std::string there = get(folder / std::string(kUpload));
    // The commit may have happened, and not been told.
    const bool is_committed = kept > kWholeBytes || (kept == kWholeBytes && there.empty());
    if (is_committed) {
      ASSERT_EQ(get(folder / "made/file"), text);
      EXPECT_EQ(entries_in(folder / ".wherry/uploads"), 0u);
      std::filesystem::remove_all(folder / "made");
      kept = 0;
      ++commits;
    } else {
      ASSERT_GE(there.size(), kept);
      ASSERT_EQ(there.substr(0, kept), text.substr(0, kept));
      EXPECT_FALSE(std::filesystem::exists(folder / "made/file"));
    }
  }
  EXPECT_GT(commits, 0) << "none came to its end: nothing was shown";
}

// ---------------------------------------------------------------- others

TEST(Upload, StartLeavesUploadsAndNotesWhereTheyAre) {
  const FolderForTest folder;
  {
    PlaceForTest place(folder.path());
    Result<StagedFile> file = place.create(kUpload, from(0));
    ASSERT_TRUE(file && keep(place, *file, "12345"));
  }
  for (int i = 0; i < 2; ++i) {
    PlaceForTest place(folder.path());
    EXPECT_EQ(get(folder / std::string(kUpload)), "12345");
    EXPECT_TRUE(place.create(kUpload, from(5)));
    EXPECT_TRUE(place.becomes_idle());
  }
}

TEST(Upload, FileThatAnotherHasLockedIsBusyAndStaysAsItIs) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  put(folder / std::string(kUpload), "12345");
  {
    const Fd other(::open((folder / std::string(kUpload)).c_str(), O_RDONLY));
    ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
    EXPECT_EQ(error_of(place.create(kUpload, from(0))), Error::busy);
    EXPECT_EQ(error_of(place.create(kUpload, from(2))), Error::busy);
    EXPECT_EQ(get(folder / std::string(kUpload)), "12345");
  }
  EXPECT_TRUE(place.create(kUpload, from(5)));
  EXPECT_TRUE(place.becomes_idle());
}

TEST(Upload, WhatIsNoFileIsAConflict) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  const std::string path = folder / std::string(kUpload);
  put(folder / "secret", "12345");
  const auto expect_conflict = [&] {
    EXPECT_EQ(error_of(place.create(kUpload, from(0))), Error::conflict);
    EXPECT_EQ(error_of(place.create(kUpload, from(1))), Error::conflict);
    std::filesystem::remove(path);
  };
  std::filesystem::create_directory(path);
  expect_conflict();
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  expect_conflict();
  std::filesystem::create_symlink(folder / "secret", path);
  expect_conflict();
  EXPECT_EQ(get(folder / "secret"), "12345");
}

TEST(Upload, ReadOnlyFolderHasNone) {
  const FolderForTest folder;
  Options options = PlaceForTest::small_options();
  options.read_only = true;
  PlaceForTest place(folder.path(), options);
  EXPECT_EQ(error_of(place.create(kUpload, from(0))), Error::not_writable);
  EXPECT_EQ(error_of(place.loop().run(place.storage().list(kUploadsFolder, {}, Scope::uploads))),
            Error::not_found);
}

// ---------------------------------------------------------------- disks

class UploadMounts : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!may_mount()) GTEST_SKIP() << "mounting is not permitted";
  }
  static void mount_memory(const std::string& at) {
    std::filesystem::create_directories(at);
    ASSERT_EQ(::mount("none", at.c_str(), "tmpfs", 0, "size=1m"), 0) << std::strerror(errno);
  }
  const FolderForTest folder_;
};

TEST_F(UploadMounts, ForAnotherMountIsRefusedBeforeAndAfterAndChangesNothing) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_ / "disk");
    PlaceForTest place(folder_.path());
    for (const char* path : {"disk/made/file", "disk/file"}) {
      EXPECT_EQ(error_of(place.create(path, {.is_trial = true})), Error::other_mount) << path;
    }
    EXPECT_TRUE(place.create("made/file", {.is_trial = true}));
    {
      Result<StagedFile> file = place.create(kUpload, from(0));
      ASSERT_TRUE(file && keep(place, *file, "12345"));
      EXPECT_EQ(error_of(commit(place, *file, "disk/made/file")), Error::other_mount);
    }
    EXPECT_EQ(entries_in(folder_ / "disk"), 0u);
    EXPECT_EQ(get(folder_ / std::string(kUpload)), "12345");
    Result<StagedFile> file = place.create(kUpload, from(5));
    ASSERT_TRUE(file);
    EXPECT_TRUE(commit(place, *file, "made/file"));
  }));
}

TEST_F(UploadMounts, FullDiskKeepsWhatWasKeptAndGivesBackTheRest) {
  EXPECT_TRUE(passes_in_child([this] {
    ASSERT_TRUE(own_mounts());
    mount_memory(folder_.path());
    PlaceForTest place(folder_.path());
    {
      Result<StagedFile> file = place.create(kUpload, from(0));
      ASSERT_TRUE(file && keep(place, *file, some_text(500'000)));
      EXPECT_EQ(error_of(keep(place, *file, some_text(4'000'000))), Error::no_space);
      EXPECT_EQ(error_of(place.loop().run(file->sync())), Error::no_space) << "errors stay";
    }
    CreateOptions options = from(500'000);
    options.expected_size = 1'600'000;
    EXPECT_EQ(error_of(place.create(kUpload, options)), Error::no_space);
    ASSERT_TRUE(place.create(kUpload, from(500'000)));
    options.expected_size = 900'000;
    Result<StagedFile> file = place.create(kUpload, options);
    ASSERT_TRUE(file && keep(place, *file, some_text(400'000)));
    EXPECT_TRUE(commit(place, *file, "file"));
    EXPECT_EQ(get(folder_ / "file"), some_text(500'000) + some_text(400'000));
  }));
}

// ---------------------------------------------------------------- races

constexpr std::uint32_t kLoops = 6;

// Loops with a storage each, over one folder in memory.
class UploadRaces : public ::testing::Test {
 protected:
  struct Loop {
    Loop(const Root& root, DiskThreads& threads)
        : storage(root, threads, loop, PlaceForTest::small_options()) {}

    Result<StagedFile> stage(std::string_view path, std::string_view text) {
      Result<StagedFile> file = loop.run(storage.create(path, from(0)));
      if (!file) return file.error();
      const Result<> written = loop.run(file->write(as_bytes(text)));
      if (!written) return written.error();
      const Result<> synced = loop.run(file->sync());
      if (!synced) return synced.error();
      return file;
    }

    TestLoop loop;
    PosixStorage storage;
  };

  UploadRaces() : root_(Root::open(folder_.path().c_str(), {})) {}

  template <class Body>
  void run(Body body) {
    std::array<std::thread, kLoops> runners;
    for (std::uint32_t i = 0; i < kLoops; ++i) {
      runners[i] = std::thread([this, i, &body] {
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

TEST_F(UploadRaces, OneOfThoseWhoExpectNothingWinsAndTheOthersKeepTheirs) {
  ASSERT_TRUE(root_);
  constexpr int kRounds = 200;
  std::barrier together(kLoops);
  std::atomic<int> winners = 0;
  run([&](Loop& loop, std::uint32_t index) {
    const std::string mine = ".wherry/uploads/" + std::to_string(index);
    for (int round = 0; round < kRounds; ++round) {
      const std::string target = "made" + std::to_string(round) + "/file";
      // Some write whole files to that name.
      Result<StagedFile> file =
          index % 2 == 0 ? loop.stage(mine, mine) : loop.loop.run(loop.storage.create(target));
      ASSERT_TRUE(file);
      together.arrive_and_wait();
      CommitOptions options{.expected = {Expected::Kind::nothing}};
      if (index % 2 == 0) options.path = target;
      const Result<> committed = loop.loop.run(file->commit(options));
      if (committed) {
        ++winners;
      } else {
        EXPECT_EQ(committed.error(), Error::precondition_failed);
        if (index % 2 == 0) {
          EXPECT_EQ(get(folder_ / mine), mine);
        }
      }
      together.arrive_and_wait();
      EXPECT_EQ(winners, round + 1);
      together.arrive_and_wait();
    }
  });
}

TEST_F(UploadRaces, WhoComesTooLateNeverHarmsTheCommittedFile) {
  ASSERT_TRUE(root_);
  constexpr int kRounds = 500;
  const std::string text = some_text(10'000);
  std::barrier together(kLoops);
  std::atomic<int> commits = 0;
  run([&](Loop& loop, std::uint32_t index) {
    for (int round = 0; round < kRounds; ++round) {
      const std::string target = "file" + std::to_string(round);
      std::optional<StagedFile> file;
      if (index == 0) {
        Result<StagedFile> staged = loop.stage(kUpload, text);
        ASSERT_TRUE(staged);
        file.emplace(std::move(*staged));
      }
      together.arrive_and_wait();
      while (!file && commits == round) {
        const Error error = error_of(loop.loop.run(loop.storage.create(kUpload, from(1))));
        EXPECT_TRUE(error == Error::busy || error == Error::not_found);
      }
      if (file) {
        EXPECT_TRUE(loop.loop.run(file->commit({.path = target})));
        ++commits;
      }
      together.arrive_and_wait();
      if (file) {
        EXPECT_EQ(get(folder_ / target), text);
      }
    }
  });
}

}  // namespace
}  // namespace wherry::storage::posix
