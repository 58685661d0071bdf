// SPDX-License-Identifier: MIT
#include "tests/sim/model.h"

#include <gtest/gtest.h>

namespace wherry::sim {
namespace {

struct Models : testing::Test {
  bool may_see(const ContentPtr& content) { return may_see(content, model.now()); }
  bool may_see(const ContentPtr& content, Model::Time since) {
    try {
      model.check_read("f", since, {.bytes = content->bytes});
    } catch (const Violation&) {
      return false;
    }
    return true;
  }

  Model model;
  const ContentPtr one = make_content(1, 1000);
  const ContentPtr two = make_content(2, 1000);
};

TEST_F(Models, WhatWasAcknowledgedIsThere) {
  EXPECT_FALSE(may_see(one));
  const auto change = model.begin("f", one);
  EXPECT_TRUE(may_see(one)) << "perhaps";
  model.check_read("f", model.now(), {});
  model.acknowledge(change);
  EXPECT_TRUE(may_see(one));
  EXPECT_THROW(model.check_read("f", model.now(), {}), Violation);
}

TEST_F(Models, WhatWasReplacedOrRefusedIsNot) {
  model.acknowledge(model.begin("f", one));
  const Model::Time before = model.now();
  model.acknowledge(model.begin("f", two));
  EXPECT_FALSE(may_see(one));
  EXPECT_TRUE(may_see(one, before)) << "it was there when the read began";
  EXPECT_TRUE(may_see(two));
  const ContentPtr three = make_content(3, 1000);
  const auto change = model.begin("f", three);
  model.refuse(change);
  EXPECT_FALSE(may_see(three));
}

TEST_F(Models, OfTwoAtOnceEitherMayBeTheLast) {
  const auto first = model.begin("f", one);
  const auto second = model.begin("f", two);
  model.acknowledge(first);
  model.acknowledge(second);
  EXPECT_TRUE(may_see(one));
  EXPECT_TRUE(may_see(two));
}

TEST_F(Models, WhatWasUnderWayMayHappenUntilThePowerGoesAndIsSettledThen) {
  model.begin("f", one);
  model.acknowledge(model.begin("f", two));
  EXPECT_TRUE(may_see(one)) << "it may have come last";
  model.power_went();
  model.settle("f", {.bytes = two->bytes});
  EXPECT_FALSE(may_see(one));
  EXPECT_TRUE(may_see(two));
}

TEST_F(Models, MixturesAndPartsAreSeen) {
  model.acknowledge(model.begin("f", one));
  const std::string mixture = one->bytes.substr(0, 500) + two->bytes.substr(500);
  EXPECT_THROW(model.check_read("f", model.now(), {.bytes = mixture}), Violation);
  EXPECT_THROW(
      model.check_read("f", model.now(), {.bytes = std::string_view(one->bytes).substr(0, 999)}),
      Violation);
  model.check_read(
      "f", model.now(),
      {.bytes = std::string_view(one->bytes).substr(10, 50), .offset = 10, .is_whole = false});
}

TEST_F(Models, OneWinsOneVersionAndAVersionIsOfOneContent) {
  model.won("f", "tag");
  EXPECT_THROW(model.won("f", "tag"), Violation);
  model.check_tag("f", "tag", 1);
  model.check_tag("f", "tag", 1);
  EXPECT_THROW(model.check_tag("f", "tag", 2), Violation);
}

}  // namespace
}  // namespace wherry::sim
