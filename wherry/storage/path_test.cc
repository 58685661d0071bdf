// SPDX-License-Identifier: MIT
#include "wherry/storage/path.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/guard_page_for_test.h"

namespace wherry::storage {
namespace {

using namespace std::string_view_literals;

struct Row {
  const char* why;
  std::string_view path;
};

TEST(Path, RefusesWhatCouldLeaveTheRootOrMeanAnotherFile) {
  const Row kRefused[] = {
      {"empty", ""sv},
      {"absolute", "/etc/passwd"sv},
      {"only a slash", "/"sv},
      {"slash at the end", "folder/"sv},
      {"empty segment", "a//b"sv},
      {"dot", "."sv},
      {"dot inside", "a/./b"sv},
      {"dot at the end", "a/."sv},
      {"dot-dot", ".."sv},
      {"classic traversal", "../../etc/passwd"sv},
      {"dot-dot inside", "a/../b"sv},
      {"dot-dot at the end", "a/b/.."sv},
      {"backslash traversal", "..\\..\\windows\\win.ini"sv},
      {"backslash in a name", "a\\b"sv},
      {"mixed separators", "a/..\\b"sv},
      {"NUL cuts the extension", "shell.php\0.jpg"sv},
      {"NUL at the end", "a\0"sv},
      {"newline (log injection)", "a\nb"sv},
      {"carriage return (header injection)", "a\r\nSet-Cookie: x"sv},
      {"tab", "a\tb"sv},
      {"escape sequence for a terminal", "a\x1b[2Jb"sv},
      {"DEL", "a\x7f"sv},
      {"C1 control U+0080", "a\xC2\x80"sv},
      {"C1 control U+0085, next line", "a\xC2\x85"sv},
      {"C1 control U+009F", "a\xC2\x9F"sv},
      {"overlong slash",
       "..\xC0\xAF..\xC0\xAF"
       "etc"sv},
      {"overlong dot", "\xC0\xAE\xC0\xAE/x"sv},
      {"overlong NUL", "a\xC0\x80"sv},
      {"surrogate", "\xED\xA0\x80"sv},
      {"above U+10FFFF", "\xF4\x90\x80\x80"sv},
      {"Latin-1, not UTF-8", "caf\xE9"sv},
      {"sequence cut short", "a\xE2\x82"sv},
      {"private folder", ".wherry"sv},
      {"in the private folder", ".wherry/staging/x"sv},
      {"private folder below", "a/.wherry/x"sv},
      {"private folder in capitals", ".WHERRY/lock"sv},
      {"private folder in both cases", "a/.WhErRy"sv},
      {"private folder to FAT: dot at the end", ".wherry./lock"sv},
      {"private folder to FAT: spaces at the end", ".wherry  /lock"sv},
      {"private folder to NTFS: a stream", ".wherry:x"sv},
      {"private folder to NTFS: its index", ".wherry::$INDEX_ALLOCATION/x"sv},
      {"private folder with a code point that casefold leaves out", ".wher\xE2\x80\x8Cry/x"sv},
  };
  for (const Row& row : kRefused) {
    EXPECT_EQ(error_of(check_path(row.path)), Error::bad_path) << row.why;
  }
}

TEST(Path, AllowsEveryOtherName) {
  const Row kAllowed[] = {
      {"plain", "file.bin"sv},
      {"folders", "a/b/c.txt"sv},
      {"three dots", ".../x"sv},
      {"dots around", "..a/b../a..b"sv},
      {"hidden file", ".profile"sv},
      {"spaces", " my file .txt"sv},
      {"what a shell or a URL would take", "100% #1 ?&=+;:'\"<>|*$`~!.txt"sv},
      {"percent sequence that was not one", "%2e%2e/x"sv},
      {"umlaut",
       "Gr\xC3\xBC\xC3\x9F"
       "e.txt"sv},
      {"no-break space U+00A0, first after C1", "a\xC2\xA0z"sv},
      {"Japanese", "\xE6\x97\xA5\xE6\x9C\xAC.txt"sv},
      {"beyond the BMP", "\xF0\x9F\x9A\xA2.bin"sv},
      {"begins like the private folder", ".wherryman/x"sv},
      {"the private folder's name without its dot", "wherry"sv},
      {"the private folder's name, cut", ".wherr"sv},
      {"the private folder's name within", "x.wherry"sv},
  };
  for (const Row& row : kAllowed) EXPECT_TRUE(check_path(row.path)) << row.why;
}

TEST(Path, SegmentsHaveTheirLimit) {
  EXPECT_TRUE(check_path(std::string(255, 'a')));
  EXPECT_FALSE(check_path(std::string(256, 'a')));
  EXPECT_TRUE(check_path("b/" + std::string(255, 'a') + "/c"));
  EXPECT_FALSE(check_path("b/" + std::string(256, 'a') + "/c"));
}

TEST(Path, ThePathHasItsLimit) {
  std::string path;
  while (path.size() < kMaxPathBytes) path += "abc/";
  path.back() = 'd';
  ASSERT_EQ(path.size(), kMaxPathBytes);
  EXPECT_TRUE(check_path(path));
  EXPECT_FALSE(check_path(path + "e"));
}

TEST(Path, NoControlCharacterPassesAtAnyPlace) {
  for (int code = 0; code < 0x20; ++code) {
    for (std::size_t at = 0; at < 5; ++at) {
      std::string path = "ab/cd";
      path[at] = static_cast<char>(code);
      EXPECT_FALSE(check_path(path)) << code << " at " << at;
    }
  }
}

TEST(Path, ReadsNoByteBehindThePath) {
  for (const std::string_view text :
       {"a/b"sv, ".wherry"sv, "a\xE2\x82"sv, "a\xF0\x9F\x9A"sv, ""sv}) {
    const GuardedText guarded(text);
    EXPECT_EQ(check_path(guarded.view()).has_value(), check_path(text).has_value());
  }
}

TEST(Path, LiesBelowItsFoldersAndNoOtherName) {
  EXPECT_TRUE(lies_below("a/b/c", "a"));
  EXPECT_TRUE(lies_below("a/b/c", "a/b"));
  EXPECT_TRUE(lies_below("a", "")) << "the root";
  EXPECT_FALSE(lies_below("a/b/c", "a/b/c"));
  EXPECT_FALSE(lies_below("ab", "a"));
  EXPECT_FALSE(lies_below("a", "a/b"));
}

}  // namespace
}  // namespace wherry::storage
