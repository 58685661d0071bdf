// SPDX-License-Identifier: MIT
#include "wherry/base/fixed_vector.h"

#include <gtest/gtest.h>

#include <memory>
#include <string_view>
#include <vector>

namespace wherry {
namespace {

// Counts how many of it live, and writes down in which order they end.
class Counted {
 public:
  explicit Counted(int id) noexcept : id_(id) { ++living; }
  Counted(const Counted& other) noexcept : id_(other.id_) { ++living; }
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    --living;
    ended.push_back(id_);
  }
  int id() const { return id_; }

  static inline int living = 0;
  static inline std::vector<int> ended;

 private:
  int id_;
};

struct WithoutDefault {
  explicit WithoutDefault(std::string_view given) noexcept : name(given) {}
  std::string_view name;
};

TEST(FixedVector, TakesExactlyItsCapacity) {
  FixedVector<int, 2> items;
  EXPECT_TRUE(items.empty());
  EXPECT_TRUE(items.push_back(1));
  EXPECT_FALSE(items.full());
  EXPECT_TRUE(items.push_back(2));
  EXPECT_TRUE(items.full());
  EXPECT_FALSE(items.push_back(3));
  EXPECT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0], 1);
  EXPECT_EQ(items[1], 2);
}

TEST(FixedVector, IsWalkedInOrder) {
  FixedVector<int, 4> items;
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(items.push_back(i));
  int sum = 0;
  for (int& item : items) sum = sum * 10 + item++;
  EXPECT_EQ(sum, 123);
  const auto& constant = items;
  EXPECT_EQ(constant.span().size(), 3u);
  EXPECT_EQ(constant.span()[2], 4);
  EXPECT_EQ(constant.end() - constant.begin(), 3);
}

TEST(FixedVector, MakesItemsInPlaceWithoutADefaultConstructor) {
  FixedVector<WithoutDefault, 1> items;
  const WithoutDefault* item = items.emplace_back("name");
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(item, items.begin());
  EXPECT_EQ(item->name, "name");
  EXPECT_EQ(items.emplace_back("another"), nullptr);
  EXPECT_EQ(items[0].name, "name");
}

TEST(FixedVector, MakesNothingBeforeItIsAsked) {
  Counted::living = 0;
  const FixedVector<Counted, 8> items;
  EXPECT_EQ(Counted::living, 0);
}

TEST(FixedVector, DestroysEachItemOnceTheLastFirst) {
  Counted::living = 0;
  Counted::ended.clear();
  {
    FixedVector<Counted, 3> items;
    for (int i = 1; i <= 3; ++i) ASSERT_NE(items.emplace_back(i), nullptr);
    EXPECT_EQ(Counted::living, 3);
    items.clear();
    EXPECT_EQ(Counted::living, 0);
    EXPECT_EQ(Counted::ended, (std::vector{3, 2, 1}));
    ASSERT_NE(items.emplace_back(4), nullptr);
  }
  EXPECT_EQ(Counted::living, 0);
  EXPECT_EQ(Counted::ended, (std::vector{3, 2, 1, 4}));
}

TEST(FixedVector, CopiesAreIndependent) {
  Counted::living = 0;
  {
    FixedVector<Counted, 3> items;
    ASSERT_NE(items.emplace_back(1), nullptr);
    ASSERT_NE(items.emplace_back(2), nullptr);
    FixedVector<Counted, 3> copy = items;
    EXPECT_EQ(Counted::living, 4);
    items.clear();
    EXPECT_EQ(Counted::living, 2);
    EXPECT_EQ(copy[1].id(), 2);
    items = copy;
    EXPECT_EQ(Counted::living, 4);
    EXPECT_EQ(items[0].id(), 1);
    const FixedVector<Counted, 3>& itself = items;
    items = itself;
    EXPECT_EQ(items.size(), 2u);
    EXPECT_EQ(Counted::living, 4);
  }
  EXPECT_EQ(Counted::living, 0);
}

TEST(FixedVector, CarriesItemsThatOnlyMove) {
  FixedVector<std::unique_ptr<int>, 2> items;
  ASSERT_TRUE(items.push_back(std::make_unique<int>(1)));
  ASSERT_TRUE(items.push_back(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(items.push_back(std::move(third)));
  ASSERT_NE(third, nullptr) << "what was refused was not taken";

  FixedVector<std::unique_ptr<int>, 2> taken = std::move(items);
  ASSERT_EQ(taken.size(), 2u);
  EXPECT_EQ(*taken[1], 2);
  FixedVector<std::unique_ptr<int>, 2> assigned;
  ASSERT_TRUE(assigned.push_back(std::make_unique<int>(9)));
  assigned = std::move(taken);
  ASSERT_EQ(assigned.size(), 2u);
  EXPECT_EQ(*assigned[0], 1);
  static_assert(!std::is_copy_constructible_v<FixedVector<std::unique_ptr<int>, 2>>);
}

TEST(FixedVectorDeathTest, AnIndexBeyondTheLastItemIsOurBug) {
  FixedVector<int, 2> items;
  ASSERT_TRUE(items.push_back(1));
  EXPECT_DEATH(static_cast<void>(items[1]), "index < size_");
}

}  // namespace
}  // namespace wherry
