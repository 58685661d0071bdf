// SPDX-License-Identifier: MIT
// What a process that ends in the middle leaves: the old file or the new one, whole, and after the
// next start no debris.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <random>
#include <thread>

#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

// A file whose every line tells which version it belongs to, and whose last line its length.
std::string version_text(unsigned version) {
  const std::size_t lines = 1 + version * 977 % 6000;
  const std::string line = "version " + std::to_string(version) + "\n";
  std::string text;
  for (std::size_t i = 0; i < lines; ++i) text += line;
  return text + "lines " + std::to_string(lines) + "\n";
}

bool is_whole(const std::string& text) {
  if (!text.starts_with("version ")) return false;
  return text == version_text(static_cast<unsigned>(std::stoul(text.substr(8))));
}

[[noreturn]] void commit_for_ever(const std::string& folder, int started) {
  PlaceForTest place(folder);
  for (unsigned version = 0;; ++version) {
    if (!place.store("folder/file", version_text(version))) ::_exit(1);
    if (version == 0) static_cast<void>(::write(started, "x", 1) == 1);
  }
}

TEST(Crash, KilledServerLeavesAWholeFileAndNoDebris) {
  const FolderForTest folder;
  std::mt19937 random(20261105);
  for (int round = 0; round < 25; ++round) {
    int pipe[2];
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) commit_for_ever(folder.path(), pipe[1]);
    ::close(pipe[1]);
    char byte;
    ASSERT_EQ(::read(pipe[0], &byte, 1), 1);
    ::close(pipe[0]);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));

    EXPECT_TRUE(is_whole(get(folder / "folder/file"))) << "round " << round;
    PlaceForTest place(folder.path());
    EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
    EXPECT_EQ(entries_in(folder / "folder"), 1u);
  }
}

TEST(Crash, KillsHappenWhileSomethingIsStaged) {
  // The test above proves nothing unless debris occurs: here it does, and is swept.
  const FolderForTest folder;
  const pid_t child = ::fork();
  if (child == 0) {
    PlaceForTest place(folder.path());
    Result<StagedFile> file = place.create("file");
    if (file && place.write(*file, some_text(200'000))) ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 1u);
  PlaceForTest place(folder.path());
  EXPECT_EQ(entries_in(folder / ".wherry/staging"), 0u);
  EXPECT_EQ(error_of(place.open("file")), Error::not_found);
}

TEST(Crash, ReadersSeeWholeFilesWhileAnotherProcessReplacesThem) {
  const FolderForTest folder;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  const pid_t child = ::fork();
  if (child == 0) commit_for_ever(folder.path(), pipe[1]);
  ::close(pipe[1]);
  char byte;
  ASSERT_EQ(::read(pipe[0], &byte, 1), 1);
  ::close(pipe[0]);
  Options options = PlaceForTest::small_options();
  options.read_only = true;
  {
    PlaceForTest place(folder.path(), options);
    for (int i = 0; i < 300; ++i) {
      const Result<std::string> text = place.content_of("folder/file");
      ASSERT_TRUE(text);
      ASSERT_TRUE(is_whole(*text)) << i;
    }
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace wherry::storage::posix
