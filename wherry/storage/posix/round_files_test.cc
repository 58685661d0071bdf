// SPDX-License-Identifier: MIT
// What opens of one round share, and what never is shared. Another hand replaces the file between
// two opens: so it is seen which of them looked.
#include "wherry/storage/posix/round_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/storage/posix/place_for_test.h"

namespace wherry::storage::posix {
namespace {

constexpr Freshness kRound = Freshness::round;

/// Waits for what ends at once.
class Bystander : public coro::Waiter {
 public:
  explicit Bystander(coro::ReadyList& ready_list)
      : Waiter(ready_list, [](coro::Waiter&) noexcept {}) {
    look_at_errors(true);
  }
  ~Bystander() { leave_ready_list(); }
};

/// Runs a function when its turn comes.
class Guest : public coro::Waiter {
 public:
  Guest(coro::ReadyList& ready_list, std::function<void()> act)
      : Waiter(ready_list, [](coro::Waiter& guest) noexcept { static_cast<Guest&>(guest).act_(); }),
        act_(std::move(act)) {
    ready_list.push(*this);
  }

 private:
  std::function<void()> act_;
};

// In memory, where nothing has to wait for a disk.
struct InRound : testing::Test {
  /// Runs all of them in one round, one after the other.
  void round(const std::vector<std::function<void()>>& acts) {
    std::vector<std::unique_ptr<Guest>> guests;
    for (const auto& act : acts) {
      guests.push_back(std::make_unique<Guest>(place.loop().ready_list(), act));
    }
    place.loop().ready_list().run_round();
  }

  Result<File> open(std::string_view path, Freshness freshness) {
    Bystander waiter(place.loop().ready_list());
    Storage::Open operation = place.storage().open(path, Scope::served, freshness);
    if (!operation.start(waiter)) {
      ADD_FAILURE() << "the open waits";
      return Error::internal;
    }
    if (operation.status() != Error::none) return operation.status();
    return operation.take();
  }

  Result<std::string> read(File& file, std::uint64_t offset, std::size_t size) {
    Bystander waiter(place.loop().ready_list());
    File::Read operation = file.read(offset, size);
    if (!operation.start(waiter)) {
      ADD_FAILURE() << "the read waits";
      return Error::internal;
    }
    if (operation.status() != Error::none) return operation.status();
    return std::string(as_text(operation.take()));
  }

  Result<std::string> content(std::string_view path, Freshness freshness) {
    Result<File> file = open(path, freshness);
    if (!file) return file.error();
    return read(*file, 0, kSize);
  }

  /// By another hand: as an editor does, and not in place.
  void replace(const std::string& name, std::string_view text) {
    put(folder / "new", text);
    std::filesystem::rename(folder / "new", folder / name);
  }

  static std::size_t descriptors() { return entries_in("/proc/self/fd"); }

  static constexpr std::size_t kSize = 4096;
  const std::string one = some_text(kSize, 1);
  const std::string two = some_text(kSize, 2);
  const FolderForTest folder{"/dev/shm"};
  PlaceForTest place{folder.path()};
};

TEST_F(InRound, TheSecondIsGivenWhatTheFirstRead) {
  put(folder / "file", one);
  round({[&] { EXPECT_TRUE(holds(content("file", kRound), one)); }, [&] { replace("file", two); },
         [&] { EXPECT_TRUE(holds(content("file", kRound), one)); }});
}

TEST_F(InRound, WhatWasReadForWhoAsksForNowIsGivenToo) {
  put(folder / "file", one);
  round({[&] { EXPECT_TRUE(holds(content("file", Freshness::now), one)); },
         [&] { replace("file", two); }, [&] { EXPECT_TRUE(holds(content("file", kRound), one)); }});
}

TEST_F(InRound, WhoAsksForNowIsGivenWhatStandsThere) {
  put(folder / "file", one);
  round({[&] { EXPECT_TRUE(holds(content("file", kRound), one)); }, [&] { replace("file", two); },
         [&] { EXPECT_TRUE(holds(content("file", Freshness::now), two)); },
         [&] { EXPECT_TRUE(holds(content("file", kRound), two)); }});
}

TEST_F(InRound, NothingIsGivenInTheNextRound) {
  put(folder / "file", one);
  round({[&] { EXPECT_TRUE(holds(content("file", kRound), one)); }});
  replace("file", two);
  round({[&] { EXPECT_TRUE(holds(content("file", kRound), two)); }});
  std::filesystem::remove(folder / "file");
  EXPECT_EQ(error_of(place.loop().run(place.storage().open("file", Scope::served, kRound))),
            Error::not_found);
}

TEST_F(InRound, NothingIsGivenBetweenRounds) {
  put(folder / "file", one);
  round({[&] { EXPECT_TRUE(holds(content("file", kRound), one)); }});
  replace("file", two);
  EXPECT_TRUE(holds(content("file", kRound), two));
}

TEST_F(InRound, WhatIsGivenIsTheWholeFileWithAllThatIsKnownOfIt) {
  ASSERT_TRUE(place.store("file", one));
  round({[&] {
    Result<File> first = open("file", kRound);
    ASSERT_TRUE(first && read(*first, 0, kSize));
    replace("file", two);
    Result<File> second = open("file", kRound);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->info().version, first->info().version);
    EXPECT_EQ(second->info().size, kSize);
    EXPECT_EQ(second->info().crc32, first->info().crc32);
    EXPECT_EQ(second->info().modified_s, first->info().modified_s);
    EXPECT_TRUE(holds(read(*second, 100, 50), one.substr(100, 50)));
    EXPECT_TRUE(holds(read(*second, 4000, kSize), one.substr(4000)));
    EXPECT_TRUE(holds(read(*second, kSize, 1), ""));
    EXPECT_TRUE(holds(read(*second, kSize + 1, 1), ""));
  }});
}

TEST_F(InRound, WhatIsGivenCanBeSent) {
  put(folder / "file", one);
  TextSink sink;
  round({[&] {
    EXPECT_TRUE(holds(content("file", kRound), one));
    replace("file", two);
    Result<File> file = open("file", kRound);
    ASSERT_TRUE(file);
    Bystander waiter(place.loop().ready_list());
    coro::Task<> sending = file->send_to(place.loop().context(), sink, 10, 1000);
    EXPECT_TRUE(sending.start(waiter));
    EXPECT_EQ(sending.status(), Error::none);
  }});
  EXPECT_EQ(sink.text(), one.substr(10, 1000));
}

// The next round may put another file where the first one's bytes were.
TEST_F(InRound, WhoWasGivenAFileKeepsItBeyondTheRound) {
  put(folder / "file", one);
  std::optional<File> kept;
  round({[&] { EXPECT_TRUE(holds(content("file", kRound), one)); }, [&] { replace("file", two); },
         [&] {
           Result<File> file = open("file", kRound);
           if (file) kept.emplace(std::move(*file));
         }});
  round({[&] { EXPECT_TRUE(holds(content("file", kRound), two)); }});
  ASSERT_TRUE(kept);
  EXPECT_TRUE(holds(read(*kept, 0, kSize), one));
}

TEST_F(InRound, NoDescriptorIsKeptAndNoneIsTakenByWhoIsGivenAFile) {
  put(folder / "file", one);
  const std::size_t before = descriptors();
  round({[&] {
           EXPECT_TRUE(holds(content("file", kRound), one));
           EXPECT_EQ(descriptors(), before);
           const Result<File> file = open("file", kRound);
           ASSERT_TRUE(file);
           EXPECT_EQ(descriptors(), before);
         },
         [&] {
           EXPECT_EQ(place.storage().slots_in_use(), 0u);
           const Result<File> file = open("file", Freshness::now);
           EXPECT_EQ(descriptors(), before + 1);
         }});
  EXPECT_EQ(descriptors(), before);
}

TEST_F(InRound, AFileThatWasReadInPartIsNotGiven) {
  put(folder / "file", one);
  round({[&] {
    Result<File> file = open("file", kRound);
    ASSERT_TRUE(file);
    EXPECT_TRUE(holds(read(*file, 0, kSize - 1), one.substr(0, kSize - 1)));
    EXPECT_TRUE(holds(read(*file, 1, kSize), one.substr(1)));
    replace("file", two);
    EXPECT_TRUE(holds(content("file", kRound), two));
  }});
}

TEST_F(InRound, AFileThatWasOpenedBeforeTheRoundIsNotGiven) {
  put(folder / "file", one);
  std::optional<File> early;
  round({[&] {
    Result<File> file = open("file", kRound);
    if (file) early.emplace(std::move(*file));
  }});
  ASSERT_TRUE(early);
  replace("file", two);
  round({[&] { EXPECT_TRUE(holds(read(*early, 0, kSize), one)); },
         [&] { EXPECT_TRUE(holds(content("file", kRound), two)); },
         [&] { EXPECT_TRUE(holds(read(*early, 0, kSize), one)); },
         [&] { EXPECT_TRUE(holds(content("file", kRound), two)); }});
}

TEST_F(InRound, ALargerFileIsNotGiven) {
  put(folder / "file", one + "x");
  round({[&] {
    Result<File> file = open("file", kRound);
    ASSERT_TRUE(file);
    EXPECT_TRUE(holds(read(*file, 0, kSize + 1), one + "x"));
    replace("file", two);
    EXPECT_TRUE(holds(content("file", kRound), two));
  }});
}

TEST_F(InRound, MoreFilesThanItHoldsAndLongNamesAreOpenedEachTime) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < RoundFiles::kMaxFiles + 4; ++i) {
    names.push_back("file-" + std::to_string(i));
  }
  names.emplace_back(RoundFiles::kMaxPathBytes + 1, 'n');
  for (const std::string& name : names) put(folder / name, one);
  const auto read_all = [&](std::size_t first, std::size_t last, const std::string& expected) {
    for (std::size_t i = first; i < last; ++i) {
      EXPECT_TRUE(holds(content(names[i], kRound), expected)) << i;
    }
  };
  constexpr std::size_t kHeld = RoundFiles::kMaxFiles;
  round({[&] { read_all(0, 8, one); }, [&] { read_all(8, 16, one); },
         [&] { read_all(kHeld, names.size(), one); },
         [&] {
           for (const std::string& name : names) replace(name, two);
         },
         [&] { read_all(0, 8, one); }, [&] { read_all(8, 16, one); },
         [&] { read_all(kHeld, names.size(), two); }});
}

TEST_F(InRound, NamesAreToldApart) {
  put(folder / "a", one);
  put(folder / "b", two);
  round({[&] { EXPECT_TRUE(holds(content("a", kRound), one)); },
         [&] { EXPECT_TRUE(holds(content("b", kRound), two)); }, [&] { replace("a", two); },
         [&] { replace("b", one); }, [&] { EXPECT_TRUE(holds(content("a", kRound), one)); },
         [&] { EXPECT_TRUE(holds(content("b", kRound), two)); }});
}

}  // namespace
}  // namespace wherry::storage::posix
