// SPDX-License-Identifier: MIT
#include "cli/client/names.h"

#include <gtest/gtest.h>

#include <array>

namespace wherry::cli {
namespace {

TEST(Names, AUrlGetsItsSchemeAndLosesItsFragment) {
  EXPECT_EQ(normal_url("host:8000/a"), "http://host:8000/a");
  EXPECT_EQ(normal_url("https://host/a?b=c#d"), "https://host/a?b=c");
  EXPECT_EQ(normal_url("ftp://host/a"), std::nullopt);
  EXPECT_EQ(normal_url("file:///etc/passwd"), std::nullopt);
  EXPECT_EQ(normal_url(""), std::nullopt);
}

TEST(Names, AReferenceIsReadRelativeToItsBase) {
  const std::string base = "http://host:1/files/a/b?x=1";
  EXPECT_EQ(resolve_url(base, "/uploads/1"), "http://host:1/uploads/1");
  EXPECT_EQ(resolve_url(base, "c"), "http://host:1/files/a/c");
  EXPECT_EQ(resolve_url(base, "?limit=5&cursor=c1"), "http://host:1/files/a/b?limit=5&cursor=c1");
  EXPECT_EQ(resolve_url(base, "http://other/u"), "http://other/u");
  EXPECT_EQ(resolve_url(base, "file:///etc/passwd"), std::nullopt);
}

TEST(Names, AnOriginIsSchemeHostAndPort) {
  EXPECT_TRUE(same_origin("http://host/a", "http://HOST:80/b?c"));
  EXPECT_FALSE(same_origin("http://host/a", "http://host:81/a"));
  EXPECT_FALSE(same_origin("http://host/a", "https://host/a"));
  EXPECT_FALSE(same_origin("http://host/a", "http://host.evil/a"));
  EXPECT_FALSE(same_origin("nonsense", "nonsense"));
}

TEST(Names, WhatLiesBelowAFolderIsEncodedSegmentBySegment) {
  EXPECT_EQ(url_below("http://h/files", "a b/c#d\"e.txt"), "http://h/files/a%20b/c%23d%22e.txt");
  EXPECT_EQ(url_below("http://h/files/?x=1", "50%"), "http://h/files/50%25");
  EXPECT_EQ(folder_of_url("http://h/files/a/b.txt?x=1"), "http://h/files/a/");
}

TEST(Names, TheLastSegmentOfAUrlNamesAFile) {
  EXPECT_EQ(name_of_url("http://h/a/b%20c.txt?d=e/f"), "b c.txt");
  EXPECT_EQ(name_of_url("http://h/a/.profile"), ".profile");  // it is there for its user to see
  for (const char* url :
       {"http://h/", "http://h", "http://h/a/", "http://h/..", "http://h/%2e%2e", "http://h/a%2Fb",
        "http://h/..%5Cb", "http://h/a%00b", "http://h/a%0Ab", "http://h/%FF", "http://h/%zz"}) {
    EXPECT_EQ(name_of_url(url), std::nullopt) << url;
  }
}

struct Disposition {
  const char* value;
  std::optional<std::string> name;
};

TEST(Names, ADispositionNeverLeadsOutOfTheFolder) {
  const std::array rows = {
      Disposition{"attachment; filename=\"a.txt\"", "a.txt"},
      Disposition{"attachment; filename=a.txt", "a.txt"},
      Disposition{"attachment; FILENAME=\"a \\\"b\\\".txt\"", "a \"b\".txt"},
      Disposition{"attachment; filename=\"x\"; filename*=UTF-8''na%C3%AFve.txt", "naïve.txt"},
      Disposition{"attachment; filename*=utf-8'en'a.txt; filename=\"x\"", "a.txt"},
      Disposition{"attachment; filename=\"x\"; filename*=ISO-8859-1''a", "x"},
      Disposition{"attachment; filename=\"../../etc/passwd\"", "passwd"},
      Disposition{"attachment; filename=\"C:\\\\a\\\\b.txt\"", "b.txt"},
      Disposition{"attachment; filename*=UTF-8''..%2F..%2Fb", "b"},
      Disposition{"attachment; filename=\".bashrc\"", "_bashrc"},
      Disposition{"attachment; filename=\"..\"", std::nullopt},
      Disposition{"attachment; filename=\"a/\"", std::nullopt},
      Disposition{"attachment; filename*=UTF-8''a%0Ab", std::nullopt},
      Disposition{"attachment; filename=\"open", std::nullopt},
      Disposition{"attachment", std::nullopt},
      Disposition{"", std::nullopt},
  };
  for (const auto& [value, name] : rows) EXPECT_EQ(name_of_disposition(value), name) << value;
}

TEST(Names, ANameLeavesRoomForItsPartialFile) {
  EXPECT_EQ(safe_name(std::string(200, 'a')), std::string(200, 'a'));
  EXPECT_EQ(safe_name(std::string(250, 'a')), std::nullopt);
}

}  // namespace
}  // namespace wherry::cli
