// SPDX-License-Identifier: MIT
#include "wherry/http/upload_metadata.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "wherry/base/guard_page_for_test.h"
#include "wherry/http/upload_metadata_vectors.h"

namespace wherry::http {
namespace {

/// Returns: `key=value;` of each pair; "refused" when one is.
std::string read_all(std::string_view field, std::span<char> memory) {
  std::string pairs;
  MetadataReader reader(field, memory);
  while (true) {
    const auto pair = reader.next();
    if (!pair) return error_of(pair) == Error::bad_request ? "refused" : "another error";
    if (!*pair) return pairs;
    pairs.append((*pair)->key).append("=").append((*pair)->value).append(";");
  }
}

std::string read_all(std::string_view field) {
  const GuardedText guarded(field);
  std::vector<char> memory(field.size());
  return read_all(guarded.view(), memory);
}

std::string hex(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) >> 4];
    text += "0123456789abcdef"[std::to_integer<unsigned>(byte) & 15];
  }
  return text;
}

TEST(UploadMetadata, ItsPairsAreReadInOrder) {
  for (const MetadataVector& row : kMetadataVectors) {
    EXPECT_EQ(read_all(row.field), row.pairs) << row.field;
  }
}

TEST(UploadMetadata, WhatTheProtocolDoesNotAllowIsRefused) {
  for (const std::string_view field : kRefusedMetadataVectors) {
    EXPECT_EQ(read_all(field), "refused") << field;
  }
}

TEST(UploadMetadata, AValueWithoutRoomIsRefused) {
  std::array<char, 7> memory;
  EXPECT_EQ(read_all("filename YS9iLmJpbg==", memory), "filename=a/b.bin;");
  EXPECT_EQ(read_all("filename YS9iLmJpbg==", std::span(memory).first(6)), "refused");
  EXPECT_EQ(read_all("a YWI=,b Y2Rl,c Zmc=", memory), "a=ab;b=cde;c=fg;");
  EXPECT_EQ(read_all("a YWI=,b Y2Rl,c Zmdo", memory), "refused");
}

TEST(UploadMetadata, EveryPrefixIsReadOrRefusedWithinItsBytes) {
  const std::string_view field = kMetadataVectors[0].field;
  for (std::size_t size = 0; size <= field.size(); ++size) {
    const std::string pairs = read_all(field.substr(0, size));
    EXPECT_TRUE(pairs == "refused" || pairs.size() <= 2 * field.size()) << size;
  }
}

TEST(UploadChecksum, IsAnAlgorithmAndAsManyBytesAsItHas) {
  for (const UploadChecksumVector& row : kUploadChecksumVectors) {
    const GuardedText guarded(row.field);
    const auto checksum = parse_upload_checksum(guarded.view());
    ASSERT_TRUE(checksum.has_value()) << row.field;
    EXPECT_EQ(checksum->algorithm, row.algorithm) << row.field;
    EXPECT_EQ(hex(checksum->value()), row.hex) << row.field;
  }
  for (const std::string_view field : kRefusedUploadChecksumVectors) {
    EXPECT_EQ(error_of(parse_upload_checksum(field)), Error::bad_request) << field;
  }
}

TEST(UploadChecksum, ItsAlgorithmsAreThoseThatAreTold) {
  std::string told;
  for (const UploadChecksumVector& row : kUploadChecksumVectors) {
    told.append(told.empty() ? "" : ",").append(row.field.substr(0, row.field.find(' ')));
  }
  EXPECT_EQ(told, kChecksumAlgorithms);
}

}  // namespace
}  // namespace wherry::http
