// SPDX-License-Identifier: MIT
#include "wherry/http/media_type.h"

#include <gtest/gtest.h>

#include <string_view>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::http {
namespace {

struct Row {
  std::string_view filename;
  std::string_view type;
};

class MediaType : public testing::TestWithParam<Row> {};

TEST_P(MediaType, IsSuggestedByTheName) {
  const GuardedText filename(GetParam().filename);
  EXPECT_EQ(media_type_of(filename.view()), GetParam().type) << GetParam().filename;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, MediaType,
    testing::Values(
        Row{"a.txt", "text/plain; charset=utf-8"}, Row{"a.TXT", "text/plain; charset=utf-8"},
        Row{"dir.d/a.tar.Gz", "application/gzip"}, Row{"index.html", "text/html; charset=utf-8"},
        Row{"a.7z", "application/x-7z-compressed"}, Row{"a.zst", "application/zstd"},
        Row{"a.wasm", "application/wasm"}, Row{"a.woff2", "font/woff2"}, Row{"a.mp4", "video/mp4"},
        Row{"a.svg", "image/svg+xml"}, Row{"a.json", "application/json"},
        Row{"a.mjs", "text/javascript; charset=utf-8"},
        Row{"site.webmanifest", "application/manifest+json"},
        Row{"fw.bin", "application/octet-stream"}, Row{"fw.hex", "application/octet-stream"},
        Row{"fw.uf2", "application/octet-stream"}, Row{"fw.elf", "application/octet-stream"},
        Row{"", "application/octet-stream"}, Row{".", "application/octet-stream"},
        Row{"txt", "application/octet-stream"}, Row{"a.", "application/octet-stream"},
        Row{"a.txt ", "application/octet-stream"}, Row{"a.txt/b", "application/octet-stream"},
        Row{"a.unknown", "application/octet-stream"},
        Row{"a.anextensionlongerthanall", "application/octet-stream"},
        Row{"a.tx", "application/octet-stream"}, Row{"a.txtx", "application/octet-stream"}));

TEST(MediaType, IsComparedWithoutParametersAndCase) {
  EXPECT_TRUE(media_type_is("application/json", "application/json"));
  EXPECT_TRUE(media_type_is("Application/JSON; charset=utf-8", "application/json"));
  EXPECT_TRUE(media_type_is("\tapplication/json ;x", "application/json"));
  EXPECT_FALSE(media_type_is("application/jsonx", "application/json"));
  EXPECT_FALSE(media_type_is("application/json x", "application/json"));
  EXPECT_FALSE(media_type_is("text/plain; application/json", "application/json"));
  EXPECT_FALSE(media_type_is("application", "application/json"));
  EXPECT_FALSE(media_type_is("", "application/json"));
}

TEST(MediaType, DocumentsThatRunScriptAreKnown) {
  for (const std::string_view type :
       {"text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml", "image/svg+xml",
        "image/SVG+XML", "text/xml", "application/xml; x=y", "application/rss+xml",
        "application/mathml+xml", "text/xsl", "multipart/x-mixed-replace; boundary=x",
        // Unreadable: browsers guess.
        "", " ", "text", "text/", "/html", "text/html/x", "*/ *", ";text/plain"}) {
    EXPECT_TRUE(can_run_script(type)) << type;
  }
}

TEST(MediaType, WhatIsOnlyShownOrSavedRunsNoScript) {
  for (const std::string_view type :
       {"text/plain; charset=utf-8", "application/octet-stream", "image/png", "video/mp4",
        "application/json", "application/pdf", "text/css", "application/xml-dtd",
        "text/plain; x=text/html"}) {
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
