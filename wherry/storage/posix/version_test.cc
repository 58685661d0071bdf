// SPDX-License-Identifier: MIT
// Versions and kept CRC-32s: what a commit tells, and what another hand does to them.
#include "wherry/storage/posix/version.h"

#include <gtest/gtest.h>
#include <sys/xattr.h>

#include <bit>
#include <functional>
#include <set>

#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

TEST(Version, IsMixedBySipHash) {
  // Source: vectors_sip64 of the reference implementation, for 0, 8 and 16 bytes.
  const std::array<std::uint64_t, 2> key{0x0706'0504'0302'0100, 0x0F0E'0D0C'0B0A'0908};
  const std::uint64_t words[] = {0x0706'0504'0302'0100, 0x0F0E'0D0C'0B0A'0908};
  EXPECT_EQ(siphash(key, {}), 0x726F'DB47'DD0E'0E31u);
  EXPECT_EQ(siphash(key, {words, 1}), 0x93F5'F579'9A93'2462u);
  EXPECT_EQ(siphash(key, {words, 2}), 0x3F2A'CC7F'57C2'9BDBu);
}

TEST(Version, ChangesInHalfItsBitsWithAnyBitOfWhatItIsMixedFrom) {
  struct stat info{};
  info.st_ino = 1234;
  info.st_mtim = {1'790'000'000, 123'456'789};
  info.st_size = 42;
  const std::uint64_t version = version_of(info);
  const std::function<void(struct stat&)> changes[] = {
      [](struct stat& its) { its.st_ino ^= 1; },
      [](struct stat& its) { its.st_ino ^= std::uint64_t{1} << 40; },
      [](struct stat& its) { its.st_mtim.tv_nsec ^= 1; },
      [](struct stat& its) { its.st_mtim.tv_sec ^= 1; },
      [](struct stat& its) { its.st_size ^= 1; },
  };
  for (const auto& change : changes) {
    struct stat other = info;
    change(other);
    const int bits = std::popcount(version_of(other) ^ version);
    EXPECT_GT(bits, 12);
    EXPECT_LT(bits, 52);
  }
}

bool keeps_attributes(const std::string& folder) {
  const std::string path = folder + "/probe";
  put(path, "");
  return ::setxattr(path.c_str(), "user.probe", "x", 1, 0) == 0;
}

// On the disk of the tests, and in memory.
class Kept : public ::testing::TestWithParam<const char*> {
 protected:
  Result<StagedFile> commit(std::string_view path, std::string_view text,
                            const CommitOptions& options = {}) {
    Result<StagedFile> file = place_.create(path);
    if (!file) return file.error();
    if (const Result<> written = place_.write(*file, text); !written) return written.error();
    const Result<> committed = place_.loop().run(file->commit(options));
    if (!committed) return committed.error();
    return file;
  }
  FileInfo info_of(std::string_view path) {
    const Result<File> file = place_.open(path);
    EXPECT_TRUE(file) << path;
    return file ? file->info() : FileInfo();
  }

  const FolderForTest folder_{*GetParam() != '\0' ? GetParam() : ::testing::TempDir()};
  const bool keeps_attributes_ = keeps_attributes(folder_.path());
  PlaceForTest place_{folder_.path()};
};

TEST_P(Kept, CommitTellsTheVersionThatIsOpened) {
  const Result<StagedFile> file = commit("a", "text");
  ASSERT_TRUE(file);
  EXPECT_NE(file->version(), 0u);
  EXPECT_EQ(info_of("a").version, file->version());
}

TEST_P(Kept, NoTwoCommitsOfOneNameLookAlike) {
  std::set<std::uint64_t> versions;
  for (int i = 0; i < 300; ++i) {
    const Result<StagedFile> file = commit("a", "same");
    ASSERT_TRUE(file);
    EXPECT_TRUE(versions.insert(file->version()).second) << i;
  }
}

TEST_P(Kept, ChecksumOfTheCommitIsTold) {
  if (!keeps_attributes_) GTEST_SKIP() << "no extended attributes here";
  ASSERT_TRUE(commit("a", "text", {.crc32 = 0x89AB'CDEFu}));
  ASSERT_TRUE(commit("zero", "text", {.crc32 = 0u}));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(info_of("a").crc32, 0x89AB'CDEFu);
    EXPECT_EQ(info_of("zero").crc32, 0u);
  }
  ASSERT_TRUE(commit("a", "text"));
  EXPECT_EQ(info_of("a").crc32, std::nullopt);
}

TEST_P(Kept, AnotherServerFindsThemAgain) {
  if (!keeps_attributes_) GTEST_SKIP() << "no extended attributes here";
  const Result<StagedFile> file = commit("a", "text", {.crc32 = 7u});
  ASSERT_TRUE(file);
  Options options = PlaceForTest::small_options();
  options.read_only = true;
  PlaceForTest other(folder_.path(), options);
  const Result<File> opened = other.open("a");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->info().version, file->version());
  EXPECT_EQ(opened->info().crc32, 7u);
}

TEST_P(Kept, ChangesByAnotherHandAreSeen) {
  const std::pair<const char*, std::function<void(const std::string&)>> hands[] = {
      {"touch", [](const std::string& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }},
      {"truncate", [](const std::string& path) { ASSERT_EQ(::truncate(path.c_str(), 2), 0); }},
      {"write",
       [](const std::string& path) {
         const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
         ASSERT_EQ(::pwrite(file.get(), "T", 1, 0), 1);
       }},
      {"cp over",
       [](const std::string& path) {
         put(path + ".other", "next");
         const std::string command = "cp '" + path + ".other' '" + path + "'";
         ASSERT_EQ(std::system(command.c_str()), 0);
       }},
      {"mv over",
       [](const std::string& path) {
         put(path + ".other", "next");
         ASSERT_EQ(::rename((path + ".other").c_str(), path.c_str()), 0);
       }},
      {"cp -a",
       [](const std::string& path) {
         const std::string command = "cp -a --preserve=xattr '" + path + "' '" + path +
                                     ".copy' && mv '" + path + ".copy' '" + path + "'";
         ASSERT_EQ(std::system(command.c_str()), 0);
       }},
  };
  for (const auto& [name, change] : hands) {
    const Result<StagedFile> file = commit("a", "text", {.crc32 = 7u});
    ASSERT_TRUE(file);
    if (keeps_attributes_) {
      EXPECT_EQ(info_of("a").crc32, 7u) << name;
    }
    change(folder_ / "a");
    EXPECT_NE(info_of("a").version, file->version()) << name;
    EXPECT_EQ(info_of("a").crc32, std::nullopt) << name;
  }
}

TEST_P(Kept, AttributeThatIsNoneOfOursIsNotBelieved) {
  if (!keeps_attributes_) GTEST_SKIP() << "no extended attributes here";
  for (const std::size_t size : {0u, 1u, 31u, 32u, 33u, 1000u}) {
    const std::string name = "file" + std::to_string(size);
    put(folder_ / name, "text");
    const std::string value(size, '\1');
    ASSERT_EQ(::setxattr((folder_ / name).c_str(), "user.wherry", value.data(), size, 0), 0);
    EXPECT_EQ(info_of(name).crc32, std::nullopt) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Places, Kept, ::testing::Values("", "/dev/shm"), [](const auto& place) {
  return std::string(*place.param != '\0' ? "InMemory" : "OnDisk");
});

}  // namespace
}  // namespace wherry::storage::posix
