// SPDX-License-Identifier: MIT
#include "wherry/base/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "wherry/base/error_name.h"
#include "wherry/base/result.h"

namespace wherry {
namespace {

TEST(Error, EveryErrorHasARowWithItsOwnCode) {
  for (int i = 0; i < static_cast<int>(Error::count_); ++i) {
    const auto error = static_cast<Error>(i);
    EXPECT_EQ(describe(error).error, error);
  }
}

TEST(Error, OnlyAPeerThatHasGoneHasNoStatus) {
  for (int i = 0; i < static_cast<int>(Error::count_); ++i) {
    const ErrorInfo& info = describe(static_cast<Error>(i));
    if (info.error == Error::closed) {
      EXPECT_EQ(info.status, 0);
    } else {
      EXPECT_GE(info.status, 200) << info.text;
      EXPECT_LT(info.status, 600) << info.text;
    }
  }
}

TEST(Error, HasANameOfItsOwnForMachines) {
  std::set<std::string> names;
  for (int i = 0; i < static_cast<int>(Error::count_); ++i) {
    const std::string name = name_of(static_cast<Error>(i));
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_STREQ(name_of(Error::none), "ok");
  EXPECT_STREQ(name_of(Error::not_found), "not_found");
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> value = 7;
  const Result<int> error = Error::not_found;
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(*value, 7);
  ASSERT_FALSE(error.has_value());
  EXPECT_EQ(error.error(), Error::not_found);
  EXPECT_EQ(error_of(value), Error::none);
  EXPECT_EQ(error_of(error), Error::not_found);
}

TEST(Result, CarriesTypesThatOnlyMove) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  ASSERT_TRUE(result.has_value());
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 3);
}

TEST(Result, OfVoidIsSuccessUnlessAnErrorIsGiven) {
  EXPECT_TRUE(Result<>{}.has_value());
  EXPECT_EQ(Result<>{Error::closed}.error(), Error::closed);
}

}  // namespace
}  // namespace wherry
