// SPDX-License-Identifier: MIT
#include "wherry/http/media_type.h"

#include <gtest/gtest.h>

#include <string_view>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/media_type_vectors.h"

namespace wherry::http {
namespace {

class MediaType : public testing::TestWithParam<MediaTypeVector> {};

TEST_P(MediaType, IsSuggestedByTheName) {
  const GuardedText filename(GetParam().filename);
  EXPECT_EQ(media_type_of(filename.view()), GetParam().type) << GetParam().filename;
}

INSTANTIATE_TEST_SUITE_P(Rows, MediaType, testing::ValuesIn(kMediaTypeVectors));

TEST(MediaType, IsComparedWithoutParametersAndCase) {
  for (const MediaTypeIsVector& row : kMediaTypeIsVectors) {
    EXPECT_EQ(media_type_is(row.content_type, "application/json"), row.is_json) << row.content_type;
  }
}

TEST(MediaType, DocumentsThatRunScriptAreKnown) {
  for (const std::string_view type : kScriptTypeVectors) {
    EXPECT_TRUE(can_run_script(type)) << type;
  }
}

TEST(MediaType, WhatIsOnlyShownOrSavedRunsNoScript) {
  for (const std::string_view type : kNoScriptTypeVectors) {
    EXPECT_FALSE(can_run_script(type)) << type;
  }
}

TEST(MediaType, OfEachStoredPageIsKnownToRunScript) {
  for (const std::string_view name : {"a.htm", "a.html", "a.xhtml", "a.svg", "a.xml"}) {
    EXPECT_TRUE(can_run_script(media_type_of(name))) << name;
  }
}

}  // namespace
}  // namespace wherry::http
