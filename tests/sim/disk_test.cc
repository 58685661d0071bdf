// SPDX-License-Identifier: MIT
#include "tests/sim/disk.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <set>
#include <string>

namespace wherry::sim {
namespace {

constexpr std::uint64_t kCapacityBytes = 64 * 1024;

/// A disk with the durable folders "a" and "b".
struct Place {
  explicit Place(std::uint64_t seed) : random(seed) {
    disk.make(Disk::kRoot, "a", true, 0, a);
    disk.make(Disk::kRoot, "b", true, 0, b);
    disk.sync(Disk::kRoot);
  }

  Disk::Number make(Disk::Number folder, const std::string& name, const std::string& bytes) {
    Disk::Number made = 0;
    EXPECT_EQ(disk.make(folder, name, false, 0, made), 0);
    EXPECT_EQ(disk.write(made, 0, bytes, 0), 0);
    return made;
  }
  /// The bytes of a file; "-": there is none.
  std::string read(Disk::Number folder, const std::string& name) const {
    const Disk::Number number = disk.find(folder, name);
    return number != 0 ? disk.node(number).bytes : "-";
  }
  void lose_power() {
    disk.cut_now();
    disk.power_on();
  }

  Random random;
  Disk disk{kCapacityBytes, random};
  Disk::Number a = 0;
  Disk::Number b = 0;
};

/// What `seen` says after each of many fates.
std::set<std::string> fates_of(const std::function<std::string(Place&)>& seen) {
  std::set<std::string> fates;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Place place(seed);
    fates.insert(seen(place));
  }
  return fates;
}

using Fates = std::set<std::string>;

TEST(Disk, WhatIsSynchronisedIsKept) {
  EXPECT_EQ(fates_of([](Place& place) {
              const Disk::Number file = place.make(place.a, "f", std::string(3000, 'x'));
              place.disk.sync(file);
              place.disk.sync(place.a);
              place.lose_power();
              return place.read(place.a, "f");
            }),
            Fates{std::string(3000, 'x')});
}

TEST(Disk, ANameMayBeKeptWithoutItsBytesAndBytesWithoutTheirName) {
  EXPECT_EQ(fates_of([](Place& place) {
              place.make(place.a, "f", "x");
              place.lose_power();
              return place.read(place.a, "f");
            }),
            (Fates{"-", "", std::string(1, '\0'), "x"}));
  EXPECT_EQ(fates_of([](Place& place) {
              place.disk.sync(place.make(place.a, "f", "x"));
              place.lose_power();
              return place.read(place.a, "f");
            }),
            (Fates{"-", "x"}));
}

TEST(Disk, EachPageHasAFateOfItsOwn) {
  const Fates fates = fates_of([](Place& place) {
    const Disk::Number file = place.make(place.a, "f", std::string(1024, 'o'));
    place.disk.sync(file);
    place.disk.sync(place.a);
    place.disk.write(file, 0, std::string(1024, 'n'), 0);
    place.lose_power();
    const std::string bytes = place.read(place.a, "f");
    return std::string{bytes.at(0), bytes.at(511), bytes.at(512), bytes.at(1023)};
  });
  EXPECT_EQ(fates, (Fates{"oooo", "nnoo", "oonn", "nnnn"}));
}

TEST(Disk, ARenameHappensAsAWholeOrNotAtAll) {
  const auto rename = [](Place& place) {
    for (const Disk::Number folder : {place.a, place.b}) {
      place.disk.sync(place.make(folder, "f", folder == place.a ? "new" : "old"));
      place.disk.sync(folder);
    }
    EXPECT_EQ(place.disk.rename(place.a, "f", place.b, "f", true), 0);
  };
  const auto seen = [](Place& place) {
    return place.read(place.a, "f") + place.read(place.b, "f");
  };
  EXPECT_EQ(fates_of([&](Place& place) {
              rename(place);
              place.lose_power();
              return seen(place);
            }),
            (Fates{"newold", "-new"}));
  EXPECT_EQ(fates_of([&](Place& place) {
              rename(place);
              place.disk.sync(place.b);
              place.lose_power();
              return seen(place);
            }),
            Fates{"-new"});
}

TEST(Disk, WhatASyncHasOvertakenDoesNotComeBack) {
  EXPECT_EQ(fates_of([](Place& place) {
              place.disk.sync(place.make(place.a, "f", "x"));
              place.disk.sync(place.a);
              place.disk.remove(place.a, "f", false);
              place.disk.sync(place.make(place.b, "f", "y"));
              place.disk.rename(place.b, "f", place.a, "f", true);
              place.disk.sync(place.b);
              place.lose_power();
              return place.read(place.a, "f");
            }),
            Fates{"y"});
}

TEST(Disk, TheWriteInWhichThePowerGoesIsTorn) {
  const Fates fates = fates_of([](Place& place) {
    const Disk::Number file = place.make(place.a, "f", "");
    place.disk.sync(file);
    place.disk.sync(place.a);
    place.disk.cut_at(1);
    EXPECT_EQ(place.disk.write(file, 0, "12", 0), 0);
    EXPECT_EQ(place.disk.write(file, 2, "3456", 0), EIO);
    EXPECT_FALSE(place.disk.has_power());
    EXPECT_EQ(place.disk.write(file, 0, "x", 0), EIO);
    EXPECT_EQ(place.disk.sync(file), EIO);
    place.disk.power_on();
    return place.read(place.a, "f");
  });
  for (const char* text : {"", "12", "1234", "123456"}) EXPECT_TRUE(fates.contains(text)) << text;
}

TEST(Disk, RoomComesBackWhenNobodyHasTheFileAnyMore) {
  Place place(1);
  const Disk::Number file = place.make(place.a, "f", std::string(kCapacityBytes, 'x'));
  EXPECT_EQ(place.disk.write(file, kCapacityBytes, "x", 0), ENOSPC);
  place.disk.opened(file);
  EXPECT_EQ(place.disk.remove(place.a, "f", false), 0);
  EXPECT_EQ(place.disk.used_bytes(), kCapacityBytes);
  place.disk.closed(file);
  EXPECT_EQ(place.disk.used_bytes(), 0u);
}

}  // namespace
}  // namespace wherry::sim
