// SPDX-License-Identifier: MIT
// For tests alone: every back end of the storage contract, for tests that ask all of them in the
// same words.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#ifdef WHERRY_TEST_LITTLEFS
#include "wherry/storage/littlefs/ram_storage_for_test.h"
#endif
#include "wherry/storage/memory/memory_storage.h"
#include "wherry/storage/posix/posix_storage.h"
#include "wherry/storage/test_loop.h"

namespace wherry::storage {

// A storage with eight slots and room for what the tests keep in it.
class Place {
 public:
  virtual ~Place() = default;
  virtual Storage& storage() = 0;
  virtual std::uint32_t slots_in_use() = 0;
  /// Whether a commit waits until the old version has no reader any more.
  virtual bool makes_commits_wait() const { return false; }
  /// Whether nobody else writes on its medium.
  virtual bool has_its_own_medium() const { return true; }

  TestLoop loop;
};

inline constexpr std::uint32_t kSlots = 8;

class PosixPlace final : public Place {
 public:
  PosixPlace(const std::string& parent, posix::Options options) {
    options.slots = kSlots;
    folder_ = parent + "/wherry-contract-XXXXXX";
    if (::mkdtemp(folder_.data()) == nullptr) std::abort();
    Result<posix::Root> root = posix::Root::open(folder_.c_str(), options);
    if (!root) std::abort();
    root_.emplace(std::move(*root));
    storage_.emplace(*root_, threads_, loop, options);
  }
  ~PosixPlace() override {
    storage_.reset();
    std::filesystem::remove_all(folder_);
  }
  Storage& storage() override { return *storage_; }
  std::uint32_t slots_in_use() override { return storage_->slots_in_use(); }
  bool has_its_own_medium() const override { return false; }

 private:
  std::string folder_;
  posix::DiskThreads threads_{2};
  std::optional<posix::Root> root_;
  std::optional<posix::PosixStorage> storage_;
};

class MemoryPlace final : public Place {
 public:
  MemoryPlace(std::size_t block_bytes, bool is_deferred) : memory_(2 * 1024 * 1024) {
    memory::Options options;
    options.slots = kSlots;
    options.files = 256;
    options.path_bytes = 1024;
    options.block_bytes = block_bytes;
    options.mailbox = is_deferred ? &loop : nullptr;
    storage_.emplace(MutableBytes(memory_), options);
  }
  Storage& storage() override { return *storage_; }
  std::uint32_t slots_in_use() override { return storage_->slots_in_use(); }

 private:
  std::vector<std::byte> memory_;
  std::optional<memory::MemoryStorage> storage_;
};

#ifdef WHERRY_TEST_LITTLEFS
class LittlefsPlace final : public Place {
 public:
  explicit LittlefsPlace(std::size_t slot_block_bytes)
      : ram_({.sector_count = 4096}, {.slots = kSlots,
                                      .slot_block_bytes = slot_block_bytes,
                                      .uploads = &littlefs::Writer::kUploads}) {}
  Storage& storage() override { return ram_.storage(); }
  std::uint32_t slots_in_use() override { return ram_.storage().slots_in_use(); }
  bool makes_commits_wait() const override { return true; }

 private:
  littlefs::RamStorage ram_;
};
#endif

struct BackEnd {
  const char* name;
  std::unique_ptr<Place> (*make)();
};

#ifdef WHERRY_TEST_SIMULATED
/// Those of tests/sim, in place of the others.
std::vector<BackEnd> simulated_back_ends();
inline const std::vector<BackEnd> kBackEnds = simulated_back_ends();
#else
inline posix::Options small_posix(std::uint32_t large_blocks) {
  posix::Options options;
  options.large_blocks = large_blocks;
  options.large_block_bytes = 8192;
  options.small_block_bytes = 2112;
  return options;
}

inline const BackEnd kBackEnds[] = {
    {"PosixOnDisk",
     []() -> std::unique_ptr<Place> {
       return std::make_unique<PosixPlace>(::testing::TempDir(), small_posix(4));
     }},
    {"PosixOnDiskWithoutLargeBlocks",
     []() -> std::unique_ptr<Place> {
       return std::make_unique<PosixPlace>(::testing::TempDir(), small_posix(0));
     }},
    {"PosixInMemoryNotDurable",
     []() -> std::unique_ptr<Place> {
       posix::Options options = small_posix(4);
       options.durability = posix::Durability::none;
       return std::make_unique<PosixPlace>("/dev/shm", options);
     }},
    {"Memory",
     []() -> std::unique_ptr<Place> { return std::make_unique<MemoryPlace>(512, false); }},
    {"MemoryInTinyBlocksLater",
     []() -> std::unique_ptr<Place> { return std::make_unique<MemoryPlace>(7, true); }},
#ifdef WHERRY_TEST_LITTLEFS
    {"Littlefs", []() -> std::unique_ptr<Place> { return std::make_unique<LittlefsPlace>(512); }},
    {"LittlefsInOddBlocks",
     []() -> std::unique_ptr<Place> { return std::make_unique<LittlefsPlace>(1000); }},
#endif
};
#endif

inline std::string some_bytes(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  std::uint32_t state = seed * 2654435761u + 1;
  for (char& byte : bytes) {
    state = state * 1664525u + 1013904223u;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

class Contract : public ::testing::TestWithParam<BackEnd> {
 protected:
  void TearDown() override {
    EXPECT_TRUE(loop().run_until([this] { return place_->slots_in_use() == 0; }))
        << "slots were left behind";
    EXPECT_EQ(loop().arena().live_count(), 0u);
  }

  TestLoop& loop() { return place_->loop; }
  Storage& storage() { return place_->storage(); }
  Place& place() { return *place_; }

  Result<StagedFile> create(std::string_view path, CreateOptions options = {}) {
    return loop().run(storage().create(path, options));
  }
  Result<File> open(std::string_view path) { return loop().run(storage().open(path)); }
  Result<> write(StagedFile& file, std::string_view text) {
    return loop().run(file.write(as_bytes(text)));
  }

  /// Stores a file whole. Returns: whether it replaced one.
  Result<bool> store(std::string_view path, std::string_view text) {
    Result<StagedFile> file = create(path);
    if (!file) return file.error();
    if (const Result<> written = write(*file, text); !written) return written.error();
    if (const Result<> committed = loop().run(file->commit()); !committed) return committed.error();
    EXPECT_EQ(file->size(), text.size());
    return file->replaced();
  }

  Result<std::string> read_all(File& file) {
    std::string text;
    while (true) {
      const Result<Bytes> piece = loop().run(file.read(text.size(), 3000));
      if (!piece) return piece.error();
      if (piece->empty()) return text;
      EXPECT_LE(piece->size(), 3000u);
      text += as_text(*piece);
    }
  }
  Result<std::string> content_of(std::string_view path) {
    Result<File> file = open(path);
    if (!file) return file.error();
    return read_all(*file);
  }

 private:
  std::unique_ptr<Place> place_ = GetParam().make();
};

inline std::string name_of(const ::testing::TestParamInfo<BackEnd>& back_end) {
  return back_end.param.name;
}

}  // namespace wherry::storage
