// SPDX-License-Identifier: MIT
#include "wherry/transfer/tar.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace wherry::transfer {
namespace {

std::string blocks_of(const TarEntry& entry) {
  TarHead head(entry);
  std::string blocks;
  std::array<char, kTarBlockBytes> block;
  while (head.next(block)) blocks.append(block.data(), block.size());
  EXPECT_EQ(blocks.size(), head.bytes());
  EXPECT_FALSE(head.next(block));
  return blocks;
}

std::uint64_t octal(std::string_view field) {
  std::uint64_t value = 0;
  for (const char c : field.substr(0, field.find('\0'))) {
    EXPECT_TRUE(c >= '0' && c <= '7') << c;
    value = value * 8 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

std::string text(std::string_view field) { return std::string(field.substr(0, field.find('\0'))); }

// One head, as POSIX writes it down.
struct Ustar {
  explicit Ustar(std::string_view block)
      : name(text(block.substr(0, 100))),
        mode(octal(block.substr(100, 8))),
        size(octal(block.substr(124, 12))),
        modified_s(octal(block.substr(136, 12))),
        type(block[156]) {
    EXPECT_EQ(block.substr(257, 8), std::string_view("ustar\00000", 8));
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 512; ++i) {
      sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(block[i]);
    }
    EXPECT_EQ(octal(block.substr(148, 6)), sum);
    EXPECT_EQ(block.substr(154, 2), std::string_view("\0 ", 2));
  }
  std::string name;
  std::uint64_t mode, size, modified_s;
  char type;
};

std::map<std::string, std::string> records_of(std::string_view records) {
  std::map<std::string, std::string> found;
  while (!records.empty()) {
    const std::size_t size = std::stoul(std::string(records));
    const std::string_view record = records.substr(0, size);
    EXPECT_EQ(record.back(), '\n');
    const std::size_t space = record.find(' ');
    const std::size_t equals = record.find('=');
    found[std::string(record.substr(space + 1, equals - space - 1))] =
        std::string(record.substr(equals + 1, size - equals - 2));
    records.remove_prefix(size);
  }
  return found;
}

TEST(Tar, ASmallFileHasOneHead) {
  const std::string blocks = blocks_of(
      {.folder = "photos/", .path = "a.jpg", .size = 0123456, .modified_s = 1'700'000'000});
  ASSERT_EQ(blocks.size(), 512u);
  const Ustar head(blocks);
  EXPECT_EQ(head.name, "photos/a.jpg");
  EXPECT_EQ(head.mode, 0644u);
  EXPECT_EQ(head.size, 0123456u);
  EXPECT_EQ(head.modified_s, 1'700'000'000u);
  EXPECT_EQ(head.type, '0');
}

TEST(Tar, AFolderIsOne) {
  const Ustar head(blocks_of({.folder = "photos/", .path = "2026/", .is_folder = true}));
  EXPECT_EQ(head.name, "photos/2026/");
  EXPECT_EQ(head.mode, 0755u);
  EXPECT_EQ(head.type, '5');
  EXPECT_EQ(head.size, 0u);
}

TEST(Tar, WhatUstarCannotSayIsInAPaxHeader) {
  const std::string long_name(101, 'n');
  const std::string deep(1000, 'd');
  struct Row {
    TarEntry entry;
    std::map<std::string, std::string> records;
  };
  const Row rows[] = {
      {{.folder = "", .path = long_name}, {{"path", long_name}}},
      {{.folder = "fotos/", .path = "größe.jpg"}, {{"path", "fotos/größe.jpg"}}},
      {{.folder = "größe/", .path = "a"}, {{"path", "größe/a"}}},
      {{.folder = "d/", .path = deep}, {{"path", "d/" + deep}}},
      {{.folder = "", .path = "big", .size = 1ull << 33}, {{"size", "8589934592"}}},
      {{.folder = "", .path = "old", .modified_s = -1}, {{"mtime", "-1"}}},
      {{.folder = "", .path = deep, .size = UINT64_MAX - 1024, .modified_s = INT64_MIN},
       {{"path", deep}, {"size", "18446744073709550591"}, {"mtime", "-9223372036854775808"}}},
  };
  for (const Row& row : rows) {
    const std::string blocks = blocks_of(row.entry);
    const Ustar pax(blocks);
    EXPECT_EQ(pax.type, 'x');
    const std::size_t records_at = 512;
    EXPECT_EQ(records_of(std::string_view(blocks).substr(records_at, pax.size)), row.records);
    const std::string rest = blocks.substr(records_at + pax.size);
    EXPECT_EQ(rest.substr(0, rest.size() - 512).find_first_not_of('\0'), std::string::npos);
    const Ustar head(std::string_view(blocks).substr(blocks.size() - 512));
    EXPECT_EQ(head.type, '0');
    for (const char c : head.name) EXPECT_TRUE(static_cast<unsigned char>(c) < 0x80);
  }
}

TEST(Tar, WhatFitsNeedsNone) {
  EXPECT_EQ(blocks_of({.folder = "", .path = std::string(100, 'n')}).size(), 512u);
  EXPECT_EQ(blocks_of({.folder = "", .path = "a", .size = (1ull << 33) - 1}).size(), 512u);
}

TEST(Tar, RecordsCountTheirOwnLength) {
  // The lengths around which a further digit is needed.
  for (std::size_t size = 80; size < 1020; ++size) {
    const std::string name = "ü" + std::string(size - 2, 'x');
    const std::string blocks = blocks_of({.folder = "", .path = name});
    const Ustar pax(blocks);
    EXPECT_EQ(records_of(std::string_view(blocks).substr(512, pax.size)).at("path"), name);
  }
}

TEST(Tar, EntriesTakeWholeBlocks) {
  EXPECT_EQ(tar_padding(0), 0u);
  EXPECT_EQ(tar_padding(1), 511u);
  EXPECT_EQ(tar_padding(512), 0u);
  EXPECT_EQ(tar_entry_bytes({.folder = "", .path = "a"}), 512u);
  EXPECT_EQ(tar_entry_bytes({.folder = "", .path = "a", .size = 1}), 1024u);
  EXPECT_EQ(tar_entry_bytes({.folder = "", .path = "ä", .size = 513}), 3 * 512u + 1024u);
}

}  // namespace
}  // namespace wherry::transfer
