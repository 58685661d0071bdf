// SPDX-License-Identifier: MIT
#include "wherry/storage/posix/posix_storage.h"

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <latch>
#include <set>
#include <string>
#include <thread>

#include "wherry/storage/path.h"
#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

// ---------------------------------------------------------------- the root

TEST(Root, SaysWhyItDoesNotOpen) {
  const FolderForTest folder;
  EXPECT_EQ(error_of(Root::open((folder / "missing").c_str(), {})), Error::not_found);
  EXPECT_EQ(errno, ENOENT);
  put(folder / "file", "x");
  EXPECT_EQ(error_of(Root::open((folder / "file").c_str(), {})), Error::not_found);
  EXPECT_EQ(errno, ENOTDIR);
}

TEST(Root, IsHeldByOneServerAtATime) {
  const FolderForTest folder;
  {
    const Result<Root> first = Root::open(folder.path().c_str(), {});
    ASSERT_TRUE(first);
    EXPECT_EQ(error_of(Root::open(folder.path().c_str(), {})), Error::busy);
    EXPECT_TRUE(Root::open(folder.path().c_str(), Options{.read_only = true}));
  }
  EXPECT_TRUE(Root::open(folder.path().c_str(), {}));
}

TEST(Root, ReadOnlyWritesNothing) {
  const FolderForTest folder;
  put(folder / "file", "text");
  Options options = PlaceForTest::small_options();
  options.read_only = true;
  PlaceForTest place(folder.path(), options);
  EXPECT_TRUE(holds(place.content_of("file"), "text"));
  EXPECT_EQ(error_of(place.create("new")), Error::not_writable);
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(Root, SweepsWhatACrashLeft) {
  const FolderForTest folder;
  std::filesystem::create_directories(folder / ".wherry/staging/folder");
  put(folder / ".wherry/staging/0123", "debris");
  put(folder / "kept", "x");
  ASSERT_EQ(::symlink("../../kept", (folder / ".wherry/staging/link").c_str()), 0);
  ASSERT_TRUE(Root::open(folder.path().c_str(), {}));
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
  EXPECT_EQ(get(folder / "kept"), "x");
}

TEST(Root, SweepLeavesWhatALiveProcessIsWriting) {
  const FolderForTest folder;
  std::filesystem::create_directories(folder / ".wherry/staging");
  const Fd live(::open((folder / ".wherry/staging/live").c_str(), O_CREAT | O_RDWR, 0600));
  ASSERT_EQ(::flock(live.get(), LOCK_EX), 0);
  ASSERT_TRUE(Root::open(folder.path().c_str(), {}));
  EXPECT_TRUE(std::filesystem::exists(folder / ".wherry/staging/live"));
}

TEST(Root, SweepLeavesWhatThisProcessIsWriting) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  Result<StagedFile> file = place.create("file");
  ASSERT_TRUE(file);
  ASSERT_EQ(entries_in(folder / ".wherry/staging"), 1u);
  sweep(place.root().staging());
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 1u);
  EXPECT_TRUE(place.commit(*file));
}

TEST(Root, SweepRemovesWhatADeadServerWroteInTheFolderThatItHadLocked) {
  const FolderForTest folder;
  std::string left;
  {
    PlaceForTest place(folder.path());
    ASSERT_TRUE(place.root().has_staging_lock());
    RandomName name;
    place.root().own_names().fill(name);
    left = folder / ".wherry/staging/" + name;
    put(left, "debris");
    sweep(place.root().staging());
    EXPECT_TRUE(std::filesystem::exists(left));
  }
  const Fd staging(::open((folder / ".wherry/staging").c_str(), O_RDONLY | O_DIRECTORY));
  sweep(staging.get());
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST(Root, FilesAreLockedWhereAnotherSweepKeptTheFolderFromBeingLocked) {
  const FolderForTest folder;
  std::filesystem::create_directories(folder / ".wherry/staging");
  const Fd sweeping(::open((folder / ".wherry/staging").c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(::flock(sweeping.get(), LOCK_SH), 0);
  PlaceForTest place(folder.path());
  EXPECT_FALSE(place.root().has_staging_lock());
  Result<StagedFile> file = place.create("file");
  ASSERT_TRUE(file);
  sweep(place.root().staging());
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 1u);
  EXPECT_TRUE(place.commit(*file));
}

TEST(Names, OwnNamesDifferAndAreKnownByTheirForm) {
  std::set<std::string> names;
  for (int i = 0; i < 3; ++i) {
    OwnNames own;
    ASSERT_TRUE(own.begin());
    for (int j = 0; j < 300; ++j) {
      RandomName name;
      own.fill(name);
      EXPECT_TRUE(is_own_name(name)) << name;
      EXPECT_TRUE(names.insert(name).second) << name;
    }
  }
  RandomName random;
  ASSERT_TRUE(fill_with_random_name(random));
  EXPECT_FALSE(is_own_name(random));
  EXPECT_FALSE(is_own_name("0123456789abcdef-"));
}

// ---------------------------------------------------------------- what is no regular file

class SpecialFiles : public ::testing::Test {
 protected:
  SpecialFiles() {
    std::filesystem::create_directory(folder_ / "folder");
    put(folder_ / "folder/file", "inside");
    put(outside_ / "secret", "secret");
    std::filesystem::create_directory(outside_ / "dir");
  }
  void link(const std::string& to, const std::string& name) {
    ASSERT_EQ(::symlink(to.c_str(), (folder_ / name).c_str()), 0);
  }
  void expect_neither_opened_nor_replaced(const std::string& name) {
    EXPECT_EQ(error_of(place_.open(name)), Error::not_found) << name;
    EXPECT_EQ(error_of(place_.create(name)), Error::conflict) << name;
  }

  const FolderForTest folder_;
  const FolderForTest outside_;
  PlaceForTest place_{folder_.path()};
};

TEST_F(SpecialFiles, FifoIsNeitherOpenedNorWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0666), 0);
  expect_neither_opened_nor_replaced("fifo");
}

TEST_F(SpecialFiles, WriterThatWaitsAtAFifoGoesOnWaiting) {
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0666), 0);
  std::atomic<bool> was_opened = false;
  std::thread writer([&] {
    const Fd end(::open((folder_ / "fifo").c_str(), O_WRONLY | O_CLOEXEC));
    was_opened = true;
  });
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(error_of(place_.open("fifo")), Error::not_found);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_FALSE(was_opened) << "opening the FIFO has let its writer go on";
  const Fd reader(::open((folder_ / "fifo").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  writer.join();
}

TEST_F(SpecialFiles, SocketIsNoFile) {
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder_ / "socket";
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  std::copy(path.begin(), path.end(), address.sun_path);
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  expect_neither_opened_nor_replaced("socket");
}

TEST_F(SpecialFiles, DeviceIsNoFile) {
  if (::mknod((folder_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0) {
    GTEST_SKIP() << "making a device is not permitted";
  }
  expect_neither_opened_nor_replaced("null");
}

TEST_F(SpecialFiles, FolderIsNoFile) { expect_neither_opened_nor_replaced("folder"); }

TEST_F(SpecialFiles, LinkToADeviceOutsideIsNotFollowed) {
  link("/dev/zero", "zero");
  expect_neither_opened_nor_replaced("zero");
}

TEST_F(SpecialFiles, LinksWithinTheRootAreReadAndNotReplaced) {
  link("folder/file", "link");
  link("folder", "way");
  EXPECT_TRUE(holds(place_.content_of("link"), "inside"));
  EXPECT_TRUE(holds(place_.content_of("way/file"), "inside"));
  EXPECT_EQ(error_of(place_.create("link")), Error::conflict);
  EXPECT_TRUE(holds(place_.store("way/new", "x"), false));
  EXPECT_EQ(get(folder_ / "folder/new"), "x");
}

TEST_F(SpecialFiles, NoLinkLeadsOutOfTheRoot) {
  link(outside_ / "secret", "absolute");
  link("../" + std::filesystem::path(outside_.path()).filename().string() + "/secret", "relative");
  link(outside_.path(), "way");
  link("/proc/self/cwd", "magic");
  link("loop", "loop");
  link("gone", "dangling");
  for (const char* name : {"absolute", "relative", "way", "magic", "loop", "dangling"}) {
    expect_neither_opened_nor_replaced(name);
  }
  for (const char* name : {"way/secret", "way/new", "way/dir/new", "way/missing/new", "magic/new",
                           "loop/new", "dangling/new", "way/dir/missing/new"}) {
    expect_neither_opened_nor_replaced(name);
  }
  EXPECT_EQ(entries_in(outside_.path()), 2u);
  EXPECT_EQ(entries_in(outside_ / "dir"), 0u);
}

TEST_F(SpecialFiles, ParentThatBecomesALinkOutsideIsNotFollowedByTheCommit) {
  Result<StagedFile> file = place_.create("folder/new");
  ASSERT_TRUE(file);
  ASSERT_TRUE(place_.write(*file, "x"));
  std::filesystem::rename(folder_ / "folder", folder_ / "moved");
  link(outside_ / "dir", "folder");
  EXPECT_EQ(error_of(place_.commit(*file)), Error::conflict);
  EXPECT_EQ(entries_in(outside_ / "dir"), 0u);
  EXPECT_EQ(entries_in(folder_ / ".wherry/staging"), 0u);
}

TEST_F(SpecialFiles, TargetThatBecomesALinkMeanwhileIsAConflict) {
  Result<StagedFile> file = place_.create("new");
  ASSERT_TRUE(file);
  link(outside_ / "secret", "new");
  EXPECT_EQ(error_of(place_.commit(*file)), Error::conflict);
  EXPECT_EQ(get(outside_ / "secret"), "secret");
}

// ---------------------------------------------------------------- commits

TEST(PosixStorage, FileMadeByAnotherHandMeanwhileCountsAsReplaced) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  Result<StagedFile> file = place.create("raced");
  ASSERT_TRUE(file);
  put(folder / "raced", "other");
  ASSERT_TRUE(place.commit(*file));
  EXPECT_TRUE(file->replaced());
  EXPECT_EQ(get(folder / "raced"), "");
}

TEST(PosixStorage, FailedCommitRemovesTheFoldersThatItMade) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  std::filesystem::create_directory(folder / "there");
  Result<StagedFile> file = place.create("there/a/b/file");
  ASSERT_TRUE(file);
  // The commit makes there/a/b and then finds its staged file gone.
  for (const auto& entry : std::filesystem::directory_iterator(folder / ".wherry/staging")) {
    std::filesystem::remove(entry.path());
  }
  EXPECT_EQ(error_of(place.commit(*file)), Error::conflict);
  EXPECT_EQ(entries_in(folder / "there"), 0u);
}

TEST(PosixStorage, DeepPathsUpToTheLimitAreMade) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  std::string path;
  while (path.size() + 2 < kMaxPathBytes) path += "d/";
  path += "ff";
  ASSERT_EQ(path.size(), kMaxPathBytes);
  EXPECT_TRUE(holds(place.store(path, "deep"), false));
  EXPECT_TRUE(holds(place.content_of(path), "deep"));
}

TEST(PosixStorage, PathsOfEachLengthAreKeptUntilTheCommit) {
  const FolderForTest folder("/dev/shm");
  PlaceForTest place(folder.path());
  for (std::size_t size = 1; size <= 200; ++size) {
    const std::string path(size, 'n');
    Result<StagedFile> file = place.create(path);
    Result<StagedFile> other = place.create("other/" + path);
    ASSERT_TRUE(file && other);
    ASSERT_TRUE(place.write(*file, path) && place.commit(*file) && place.commit(*other));
    EXPECT_TRUE(holds(place.content_of(path), path));
    EXPECT_TRUE(holds(place.content_of("other/" + path), ""));
  }
}

TEST(PosixStorage, FileTakesTheGroupOfASetgidFolder) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a folder away";
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  std::filesystem::create_directory(folder / "shared");
  ASSERT_EQ(::chown((folder / "shared").c_str(), 0, 12345), 0);
  ASSERT_EQ(::chmod((folder / "shared").c_str(), 02775), 0);
  ASSERT_TRUE(place.store("shared/file", "x"));
  struct stat info{};
  ASSERT_EQ(::stat((folder / "shared/file").c_str(), &info), 0);
  EXPECT_EQ(info.st_gid, 12345u);
}

TEST(PosixStorage, NewFilesFollowTheUmask) {
  const FolderForTest folder;
  const mode_t before = ::umask(027);
  PlaceForTest place(folder.path());
  ASSERT_TRUE(place.store("made/file", "x"));
  ::umask(before);
  struct stat info{};
  ASSERT_EQ(::stat((folder / "made/file").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0640u);
  ASSERT_EQ(::stat((folder / "made").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0750u);
}

TEST(PosixStorage, WhatMayNotBeAccessedIsNotFoundOrNotWritable) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another";
  const FolderForTest folder;
  std::filesystem::create_directories(folder / "closed");
  put(folder / "unreadable", "x");
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  ASSERT_EQ(::chmod((folder / "unreadable").c_str(), 0600), 0);
  ASSERT_EQ(::chmod((folder / "closed").c_str(), 0755), 0);
  EXPECT_TRUE(passes_in_child([&] {
    ASSERT_EQ(::setgid(65534), 0);
    ASSERT_EQ(::setuid(65534), 0);
    PlaceForTest place(folder.path());
    EXPECT_EQ(error_of(place.open("unreadable")), Error::not_found);
    EXPECT_EQ(error_of(place.create("closed/new")), Error::not_writable);
    EXPECT_EQ(error_of(place.create("closed/missing/new")), Error::not_writable);
    EXPECT_EQ(error_of(place.create("closed/new", {.expected_size = 4})), Error::not_writable);
    ASSERT_EQ(::mkdir((folder / "own").c_str(), 0500), 0);
    EXPECT_EQ(error_of(place.create("own/new", {.expected_size = 4})), Error::not_writable);
    EXPECT_EQ(error_of(place.create("own/new")), Error::not_writable);
    EXPECT_TRUE(holds(place.store("new", "x"), false));
  }));
}

// ---------------------------------------------------------------- what is left behind

std::size_t open_descriptors() { return entries_in("/proc/self/fd"); }

TEST(PosixStorage, TwoThousandCyclesLeaveNothingBehind) {
  const FolderForTest folder;
  Options options = PlaceForTest::small_options();
  options.durability = Durability::none;
  PlaceForTest place(folder.path(), options);
  ASSERT_TRUE(place.store("file", some_text(10'000)));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 2000; ++i) {
    if (i % 4 == 0) {
      ASSERT_TRUE(place.becomes_idle());
    }
    ASSERT_TRUE(place.open("file"));
    ASSERT_EQ(error_of(place.open("missing")), Error::not_found);
    Result<StagedFile> file = place.create("file");
    ASSERT_TRUE(file) << i;
    ASSERT_TRUE(place.write(*file, "text"));
    if (i % 2 == 0) {
      ASSERT_TRUE(place.commit(*file));
    }
    ASSERT_LE(place.storage().slots_in_use(), 8u);
  }
  ASSERT_TRUE(place.becomes_idle());
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(place.storage().large_blocks_in_use(), 0u);
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
}

TEST(PosixStorage, FilesDroppedWhileJobsRunLeaveNothing) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  const std::size_t before = open_descriptors();
  const std::string text = some_text(300'000);
  for (int turns = 0; turns < 30; ++turns) {
    {
      Result<StagedFile> file = place.create("new");
      ASSERT_TRUE(file);
      const Started write(place.loop(), file->write(as_bytes(text)));
      for (int i = 0; i < turns; ++i) place.loop().turn();
    }
    ASSERT_TRUE(place.becomes_idle());
  }
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(place.storage().large_blocks_in_use(), 0u);
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
  EXPECT_EQ(entries_in(folder.path()), 1u);
}

TEST(PosixStorage, DestructionWaitsForJobsAndCleansUp) {
  const FolderForTest folder;
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    PlaceForTest place(folder.path());
    {
      Result<StagedFile> file = place.create("new");
      ASSERT_TRUE(file);
      ASSERT_TRUE(place.write(*file, some_text(200'000)));
      const Started open(place.loop(), place.storage().open("missing/too"));
    }
    place.destroy_storage();
    EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(PosixStorage, SmallFilesTakeNoLargeBlock) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  ASSERT_TRUE(place.store("small", some_text(4095)));
  EXPECT_EQ(place.storage().peak_large_blocks_in_use(), 0u);
  ASSERT_TRUE(place.store("large", some_text(500'000)));
  EXPECT_GE(place.storage().peak_large_blocks_in_use(), 1u);
  EXPECT_LE(place.storage().peak_large_blocks_in_use(), 2u);
  EXPECT_EQ(place.storage().large_blocks_in_use(), 0u);
}

/// Keeps every disk thread of a place busy while it lives.
class BusyThreads {
 public:
  explicit BusyThreads(PlaceForTest& place)
      : place_(place), queue_(place.threads(), place.loop()), jobs_(place.threads().count()) {
    for (Wait& job : jobs_) queue_.submit(job, Job::Kind::reads);
  }
  ~BusyThreads() {
    for (Wait& job : jobs_) job.may_end.count_down();
    EXPECT_TRUE(place_.loop().run_until([this] { return queue_.under_way() == 0; }));
  }

 private:
  struct Wait final : Job {
    std::latch may_end{1};
    void work() noexcept override { may_end.wait(); }
    void done() noexcept override {}
  };

  PlaceForTest& place_;
  JobQueue queue_;
  std::vector<Wait> jobs_;
};

TEST(PosixStorage, SmallFilesInMemoryAskNoThread) {
  const FolderForTest folder("/dev/shm");
  PlaceForTest place(folder.path());
  ASSERT_TRUE(holds(place.store("folder/name", "old"), false));
  {
    const BusyThreads busy(place);
    EXPECT_TRUE(holds(place.store("name", some_text(4000)), false));
    EXPECT_TRUE(holds(place.store("folder/name", "new"), true));
    EXPECT_TRUE(holds(place.content_of("folder/name"), "new"));
    EXPECT_EQ(error_of(place.create("folder")), Error::conflict);
    ASSERT_TRUE(place.create("dropped"));
    EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
    EXPECT_EQ(place.storage().jobs_under_way(), 0u);
  }
  EXPECT_TRUE(place.becomes_idle());
}

TEST(PosixStorage, LargeFileInMemoryIsWrittenAndFreedByAThread) {
  const FolderForTest folder("/dev/shm");
  PlaceForTest place(folder.path());
  const std::string text = some_text(2'000'000);
  ASSERT_TRUE(holds(place.store("name", text), false));
  EXPECT_TRUE(holds(place.content_of("name"), text));
  {
    std::optional<BusyThreads> busy(std::in_place, place);
    {
      Result<StagedFile> file = place.create("name");
      ASSERT_TRUE(file && place.write(*file, "small"));
      EXPECT_TRUE(place.commit(*file));
      EXPECT_TRUE(holds(place.content_of("name"), "small"));
    }
    EXPECT_EQ(place.storage().jobs_under_way(), 1u);  // frees what was replaced
  }
  EXPECT_TRUE(place.becomes_idle());
}

// ---------------------------------------------------------------- small blocks

TEST(PosixStorage, WhoHasGatheredNothingHoldsNoBlock) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  Result<StagedFile> file = place.create("name");
  ASSERT_TRUE(file);
  ASSERT_TRUE(place.loop().run(file->room()));
  EXPECT_EQ(place.storage().small_blocks_in_use(), 1u);
  file->lender().put_off();
  EXPECT_EQ(place.storage().small_blocks_in_use(), 0u);
  const MutableBytes room = file->lender().room();
  EXPECT_EQ(room.size(), 4096u);
  room[0] = std::byte{'x'};
  file->filled(1);
  file->lender().put_off();
  EXPECT_EQ(place.storage().small_blocks_in_use(), 1u);
  EXPECT_EQ(file->lender().room().data(), room.data() + 1);  // and keeps one that it needs
  ASSERT_TRUE(place.commit(*file));
  EXPECT_EQ(place.storage().small_blocks_in_use(), 0u);
  EXPECT_TRUE(holds(place.content_of("name"), "x"));
}

TEST(PosixStorage, FileThatIsOpenAndNotReadHoldsNoBlock) {
  const FolderForTest folder;
  PlaceForTest place(folder.path());
  ASSERT_TRUE(place.store("name", "text"));
  Result<File> file = place.open("name");
  ASSERT_TRUE(file);
  EXPECT_EQ(place.storage().small_blocks_in_use(), 0u);
  ASSERT_TRUE(place.loop().run(file->read(0, 4)));
  EXPECT_EQ(place.storage().small_blocks_in_use(), 1u);
}

Options options_for_waiting(std::uint32_t most) {
  Options options = PlaceForTest::small_options();
  options.waiting_writers = most;
  return options;
}

/// Uploads that take turns, a piece each, as slow ones do.
class Uploads {
 public:
  Uploads(PlaceForTest& place, std::size_t count) : place_(place) {
    for (std::size_t i = 0; i < count; ++i) {
      Result<StagedFile> file = place.create(name(i));
      EXPECT_TRUE(file);
      if (file) files_.push_back(std::move(*file));
    }
  }

  void take(std::size_t piece) {
    for (std::size_t i = 0; i < files_.size(); ++i) {
      ASSERT_TRUE(place_.loop().run(files_[i].room()));
      files_[i].lender().put_off();
    }
    for (std::size_t i = 0; i < files_.size(); ++i) {
      std::string_view rest = std::string_view(text_of(i)).substr(taken_, piece);
      while (!rest.empty()) {
        const MutableBytes room = files_[i].lender().room();
        ASSERT_FALSE(room.empty());
        const std::size_t size = std::min(room.size(), rest.size());
        rest.copy(reinterpret_cast<char*>(room.data()), size);
        files_[i].filled(size);
        rest.remove_prefix(size);
        if (rest.empty()) break;
        ASSERT_TRUE(place_.loop().run(files_[i].room()));
      }
    }
    taken_ += piece;
  }

  void expect_all_are_kept() {
    for (StagedFile& file : files_) ASSERT_TRUE(place_.commit(file));
    files_.clear();
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      EXPECT_TRUE(holds(place_.content_of(name(i)), texts_[i].substr(0, taken_)));
    }
  }

 private:
  static std::string name(std::size_t i) { return "file-" + std::to_string(i); }
  const std::string& text_of(std::size_t i) {
    while (texts_.size() <= i) texts_.push_back(some_text(100'000, unsigned(texts_.size())));
    return texts_[i];
  }

  PlaceForTest& place_;
  std::vector<StagedFile> files_;
  std::vector<std::string> texts_;
  std::size_t taken_ = 0;
};

TEST(PosixStorage, OfManyUploadsThatWaitFewKeepTheirBlocks) {
  for (const char* parent : {"/dev/shm", "/tmp"}) {
    const FolderForTest folder(parent);
    PlaceForTest place(folder.path(), options_for_waiting(2));
    Uploads uploads(place, 8);
    for (int i = 0; i < 5; ++i) {
      uploads.take(1000);
      ASSERT_TRUE(place.loop().run_until([&] { return place.storage().jobs_under_way() == 0; }));
      EXPECT_EQ(place.storage().small_blocks_in_use(), 2u);
    }
    EXPECT_EQ(place.storage().peak_large_blocks_in_use(), 0u);
    uploads.expect_all_are_kept();
    EXPECT_EQ(place.storage().small_blocks_in_use(), 0u);
  }
}

TEST(PosixStorage, WhereManyMayWaitEachReachesTheDiskInOneJob) {
  const FolderForTest folder("/tmp");
  PlaceForTest place(folder.path(), options_for_waiting(8));
  Uploads uploads(place, 8);
  for (int i = 0; i < 4; ++i) uploads.take(1000);
  EXPECT_EQ(place.storage().jobs_under_way(), 0u);
  EXPECT_EQ(place.storage().small_blocks_in_use(), 8u);
  uploads.expect_all_are_kept();
}

// Each fills its second block while the first is still to be written.
TEST(PosixStorage, WhileTheDiskIsBusyEachUploadStillHasABlock) {
  const FolderForTest folder("/tmp");
  Options options = options_for_waiting(0);
  options.large_blocks = 0;
  options.slots = 48;
  PlaceForTest place(folder.path(), options);
  Uploads uploads(place, 48);
  {
    const BusyThreads busy(place);
    uploads.take(1000);
    EXPECT_EQ(place.storage().jobs_under_way(), 32u);  // and the others keep what they have
    uploads.take(3000);
    EXPECT_EQ(place.storage().small_blocks_in_use(), 80u);
  }
  for (int i = 0; i < 3; ++i) uploads.take(5000);
  uploads.expect_all_are_kept();
  EXPECT_EQ(place.storage().small_blocks_in_use(), 0u);
}

// The room was told of: what comes is taken, and the error told with the next.
TEST(PosixStorage, RoomThatWasPromisedStaysWhenABlockCannotBeWritten) {
  EXPECT_TRUE(passes_in_child([] {
    for (const char* parent : {"/dev/shm", "/tmp"}) {
      const FolderForTest folder(parent);
      PlaceForTest place(folder.path(), options_for_waiting(1));
      ::signal(SIGXFSZ, SIG_IGN);
      const rlimit limit{3000, RLIM_INFINITY};
      ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
      Result<StagedFile> failing = place.create("failing");
      Result<StagedFile> other = place.create("other");
      ASSERT_TRUE(failing && place.write(*failing, some_text(4000)));
      ASSERT_TRUE(place.loop().run(failing->room()));
      failing->lender().put_off();
      ASSERT_TRUE(other && place.write(*other, "x"));  // needs the block
      ASSERT_TRUE(place.loop().run_until([&] { return place.storage().jobs_under_way() == 0; }));
      ASSERT_FALSE(failing->lender().room().empty());
      failing->filled(1);
      EXPECT_TRUE(failing->lender().room().empty());
      EXPECT_EQ(error_of(place.loop().run(failing->room())), Error::no_space);
      EXPECT_EQ(error_of(place.commit(*failing)), Error::no_space);
      EXPECT_TRUE(place.commit(*other));
    }
  }));
}

TEST(PosixStorage, MemoryIsTheSumThatOptionsSay) {
  const FolderForTest folder;
  const Options options = PlaceForTest::small_options();
  PlaceForTest place(folder.path(), options);
  EXPECT_LE(place.storage().memory_bytes(),
            options.slots * 3072 + (options.slots + 32) * options.small_block_bytes +
                options.large_blocks * options.large_block_bytes + 200 * 1024);
}

TEST(PosixStorage, DeniedMemoryMakesItBusyAndNothingElse) {
  const FolderForTest folder;
  Options options = PlaceForTest::small_options();
  options.large_block_bytes = std::size_t{1} << 46;
  PlaceForTest place(folder.path(), options);
  EXPECT_FALSE(place.storage().is_ready());
  EXPECT_EQ(error_of(place.open("a")), Error::busy);
  EXPECT_EQ(error_of(place.create("a")), Error::busy);
}

TEST(PosixStorage, WritersErrorsStay) {
  EXPECT_TRUE(passes_in_child([] {
    const FolderForTest folder;
    PlaceForTest place(folder.path());
    ASSERT_TRUE(place.store("old", "old"));
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{100'000, 100'000};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    Result<StagedFile> file = place.create("old");
    ASSERT_TRUE(file);
    Result<> written;
    for (int i = 0; i < 100 && written; ++i) written = place.write(*file, some_text(10'000));
    EXPECT_EQ(error_of(written), Error::no_space);
    EXPECT_EQ(error_of(place.write(*file, "x")), Error::no_space);
    EXPECT_EQ(error_of(place.loop().run(file->room())), Error::no_space);
    EXPECT_EQ(error_of(place.commit(*file)), Error::no_space);
    EXPECT_TRUE(holds(place.content_of("old"), "old"));
  }));
}

}  // namespace
}  // namespace wherry::storage::posix
