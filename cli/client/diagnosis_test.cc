// SPDX-License-Identifier: MIT
#include "cli/client/diagnosis.h"

#include <gtest/gtest.h>

namespace wherry::cli {
namespace {

constexpr double kMiB = 1 << 20;

bool says(const std::vector<std::string>& sentences, std::string_view part) {
  for (const std::string& sentence : sentences) {
    if (sentence.find(part) != sentence.npos) return true;
  }
  return false;
}

Measurements wherry() {
  Measurements measured;
  measured.version = "0.1.0";
  return measured;
}

TEST(Diagnosis, AStorageThatIsSlowerThanTheLinkIsTheLimit) {
  Measurements measured = wherry();
  measured.up_discarded = 11'750'000;
  measured.up_stored = 2 * kMiB;
  const auto sentences = conclude(measured);
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_EQ(sentences[0],
            "Up, the storage is the limit: 2.00 MiB/s stored, where the link and the server make "
            "11.2 MiB/s (94.0 Mbit/s).");
}

TEST(Diagnosis, AStorageThatKeepsUpLeavesTheLinkAsTheLimit) {
  Measurements measured = wherry();
  measured.down_generated = 11'750'000;
  measured.down_stored = 11'700'000;
  EXPECT_TRUE(says(conclude(measured), "Down, the link is the limit: 94.0 Mbit/s"));
}

TEST(Diagnosis, OneRateAloneTellsNothingApart) {
  Measurements measured = wherry();
  measured.down_stored = kMiB;
  EXPECT_TRUE(says(conclude(measured), "cannot be told apart"));
}

TEST(Diagnosis, ALongWayASlowServerLossAndAFullStorageAreTold) {
  Measurements measured = wherry();
  measured.connect_s = 0.1;
  measured.round_trip_median_s = 0.3;
  measured.retransmits = 7;
  measured.free_bytes = 1;
  measured.total_bytes = 100;
  const auto sentences = conclude(measured);
  EXPECT_TRUE(says(sentences, "The way is long: 100 ms"));
  EXPECT_TRUE(says(sentences, "200 ms of each small request"));
  EXPECT_TRUE(says(sentences, "7 were sent again"));
  EXPECT_TRUE(says(sentences, "nearly full: 1 B are free of 100 B"));
}

TEST(Diagnosis, AHealthyServerIsNotComplainedAbout) {
  Measurements measured = wherry();
  measured.connect_s = 0.001;
  measured.round_trip_median_s = 0.002;
  measured.retransmits = 0;
  measured.free_bytes = 50;
  measured.total_bytes = 100;
  EXPECT_TRUE(conclude(measured).empty());
}

TEST(Diagnosis, LimitsAreToldWhereTheServerTellsThem) {
  Measurements measured = wherry();
  EXPECT_FALSE(says(describe(measured), "uploads"));
  measured.uploads_resume = true;
  measured.max_age_s = 86'399;
  measured.max_size = 1 << 20;
  measured.max_append_size = 1 << 10;
  EXPECT_TRUE(says(describe(measured), "uploads resume   yes, within 23 h"));
  EXPECT_TRUE(says(describe(measured), "largest file     1.00 MiB"));
  EXPECT_TRUE(says(describe(measured), "largest request  1.00 KiB"));
  EXPECT_TRUE(conclude(measured).empty());
  EXPECT_NE(to_json(measured, {})
                .find("\"uploads_resume\": true, \"max_age_s\": 86399, "
                      "\"max_size_bytes\": 1048576, \"max_append_bytes\": 1024"),
            std::string::npos);
}

TEST(Diagnosis, UploadsThatBeginAnewAreComplainedAbout) {
  Measurements measured = wherry();
  measured.uploads_resume = false;
  EXPECT_TRUE(says(describe(measured), "uploads resume   no"));
  EXPECT_TRUE(says(conclude(measured), "begin anew after a cut"));
}

TEST(Diagnosis, AnotherServerIsCalledSo) {
  EXPECT_TRUE(says(conclude(Measurements{}), "no Wherry"));
  EXPECT_NE(to_json(Measurements{}, {}).find("\"wherry\": null"), std::string::npos);
}

}  // namespace
}  // namespace wherry::cli
