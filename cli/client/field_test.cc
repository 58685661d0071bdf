// SPDX-License-Identifier: MIT
#include "cli/client/field.h"

#include <gtest/gtest.h>

namespace wherry::cli {
namespace {

TEST(Field, ContentRangesAreReadOrRefusedWhole) {
  EXPECT_EQ(parse_content_range("bytes 6-12/1000"), (ContentRange{6, 1000}));
  EXPECT_EQ(parse_content_range("bytes 0-0/*"), (ContentRange{0, std::nullopt}));
  for (const char* wrong : {"bytes 6-5/10", "bytes 5-10/10", "bytes -5/10", "bytes 5-/10",
                            "bytes */10", "items 0-1/2", "bytes 0-1", "bytes 0-1/-2", ""}) {
    EXPECT_EQ(parse_content_range(wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(parse_unsatisfied_range("bytes */1000"), 1000u);
  EXPECT_EQ(parse_unsatisfied_range("bytes 0-1/1000"), std::nullopt);
}

TEST(Field, UploadLimitsIgnoreUnknownMembersAndRefuseOtherTypes) {
  EXPECT_EQ(parse_upload_limit("max-size=100, min-size=1, x;y=z, max-append-size=7"),
            (UploadLimit{.min_size = 1, .max_size = 100, .max_append_size = 7}));
  EXPECT_EQ(parse_upload_limit("max-age=3600, min-append-size=2"),
            (UploadLimit{.min_append_size = 2, .max_age_s = 3600}));
  EXPECT_EQ(parse_upload_limit("min-size=0"), (UploadLimit{.min_size = 0}));
  EXPECT_EQ(parse_upload_limit("max-size=?1"), std::nullopt);
  EXPECT_EQ(parse_upload_limit("max-size=-1"), std::nullopt);
  EXPECT_EQ(parse_upload_limit("max-size=1,,"), std::nullopt);
}

TEST(Field, BooleansAreTwo) {
  EXPECT_EQ(parse_boolean("?1"), true);
  EXPECT_EQ(parse_boolean("?0"), false);
  EXPECT_EQ(parse_boolean("1"), std::nullopt);
}

TEST(Field, OnlyAStrongValidatorLetsADownloadGoOn) {
  EXPECT_EQ(strong_validator({200, {{"etag", "\"abc\""}}}), "\"abc\"");
  EXPECT_EQ(strong_validator({200, {{"ETag", "W/\"abc\""}}}), "");
  EXPECT_EQ(strong_validator({200, {{"ETag", "abc"}}}), "");
  const std::pair<std::string, std::string> modified = {"Last-Modified",
                                                        "Sun, 06 Nov 1994 08:49:37 GMT"};
  EXPECT_EQ(strong_validator({200, {modified, {"Date", "Sun, 06 Nov 1994 08:50:37 GMT"}}}),
            modified.second);
  // It may have been written again within that second.
  EXPECT_EQ(strong_validator({200, {modified, {"Date", "Sun, 06 Nov 1994 08:49:38 GMT"}}}), "");
  EXPECT_EQ(strong_validator({200, {modified}}), "");
}

TEST(Field, ChecksumsAndNumbersAreReadStrictly) {
  EXPECT_EQ(checksum_of({200, {{"x-checksum-crc32", "0x0a1b2c3d"}}}), 0x0a1b2c3du);
  EXPECT_EQ(checksum_of({200, {{"X-Checksum-CRC32", "hello"}}}), std::nullopt);
  EXPECT_EQ(number_of({200, {{"Upload-Offset", "12"}}}, "upload-offset"), 12u);
  EXPECT_EQ(number_of({200, {{"Upload-Offset", "-12"}}}, "upload-offset"), std::nullopt);
}

}  // namespace
}  // namespace wherry::cli
