// SPDX-License-Identifier: MIT
// For tests alone: a folder of its own, served by a PosixStorage with a loop and disk threads.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "wherry/storage/posix/posix_storage.h"
#include "wherry/storage/test_loop.h"

namespace wherry::storage::posix {

/// A new folder, removed with all that is in it.
class FolderForTest {
 public:
  explicit FolderForTest(std::string parent = ::testing::TempDir())
      : path_(std::move(parent) + "/wherry-test-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~FolderForTest() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FolderForTest(const FolderForTest&) = delete;
  FolderForTest& operator=(const FolderForTest&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

inline void put(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

inline std::string get(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline std::size_t entries_in(const std::string& folder) {
  const auto entries = std::filesystem::directory_iterator(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

inline std::string some_text(std::size_t size, unsigned seed = 1) {
  std::string text(size, '\0');
  std::uint32_t state = seed;
  for (char& byte : text) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return text;
}

/// A storage over a folder that is there.
class PlaceForTest {
 public:
  explicit PlaceForTest(const std::string& folder, Options options = small_options())
      : options_(options), threads_(options.disk_threads) {
    Result<Root> root = Root::open(folder.c_str(), options);
    if (!root) {
      ADD_FAILURE() << "the root does not open";
      std::abort();
    }
    root_.emplace(std::move(*root));
    storage_.emplace(*root_, threads_, loop_, options);
  }

  static Options small_options() {
    Options options;
    options.slots = 8;
    options.large_blocks = 4;
    options.large_block_bytes = 64 * 1024;
    options.small_block_bytes = 4096;
    options.disk_threads = 2;
    return options;
  }

  TestLoop& loop() { return loop_; }
  DiskThreads& threads() { return threads_; }
  const Root& root() { return *root_; }
  PosixStorage& storage() { return *storage_; }
  void destroy_storage() { storage_.reset(); }

  Result<File> open(std::string_view path) { return loop_.run(storage_->open(path)); }
  Result<StagedFile> create(std::string_view path, CreateOptions options = {}) {
    return loop_.run(storage_->create(path, options));
  }
  Result<> write(StagedFile& file, std::string_view text) {
    return loop_.run(file.write(as_bytes(text)));
  }
  Result<> commit(StagedFile& file) { return loop_.run(file.commit()); }
  Result<bool> store(std::string_view path, std::string_view text) {
    Result<StagedFile> file = create(path);
    if (!file) return file.error();
    if (const Result<> written = write(*file, text); !written) return written.error();
    if (const Result<> committed = commit(*file); !committed) return committed.error();
    return file->replaced();
  }
  Result<std::string> content_of(std::string_view path) {
    Result<File> file = open(path);
    if (!file) return file.error();
    std::string text;
    while (true) {
      const Result<Bytes> piece = loop_.run(file->read(text.size(), 100'000));
      if (!piece) return piece.error();
      if (piece->empty()) return text;
      text += as_text(*piece);
    }
  }
  bool becomes_idle() {
    return loop_.run_until(
        [this] { return storage_->slots_in_use() == 0 && storage_->jobs_under_way() == 0; });
  }

 private:
  Options options_;
  TestLoop loop_;
  DiskThreads threads_;
  std::optional<Root> root_;
  std::optional<PosixStorage> storage_;
};

/// Runs `test` in a process of its own. Returns: whether nothing failed there.
template <class Test>
bool passes_in_child(Test test) {
  const pid_t child = ::fork();
  if (child == 0) {
    test();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// Gives this process, a child, mounts of its own. Returns: false when that is not permitted.
inline bool own_mounts() {
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

inline bool may_mount() {
  return passes_in_child([] { ASSERT_TRUE(own_mounts()); });
}

}  // namespace wherry::storage::posix
