// SPDX-License-Identifier: MIT
#include "wherry/http/digest.h"

#include <gtest/gtest.h>

#include <string>

#include "wherry/base/crc32c.h"
#include "wherry/http/digest_vectors.h"

namespace wherry::http {
namespace {

std::string request(std::string_view fields) {
  return "PUT / HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}

TEST(Digest, IsReadFromAllFieldsOfItsName) {
  for (const DigestVector& row : kDigestVectors) {
    const std::string text = request(row.fields);
    const auto head = RequestHead::parse(text);
    ASSERT_TRUE(head.has_value()) << row.fields;
    const auto digests = read_digests(*head, "Repr-Digest");
    ASSERT_EQ(error_of(digests), row.well_formed ? Error::none : Error::bad_request) << row.fields;
    if (!digests) continue;
    EXPECT_EQ(digests->empty(), row.sha256.empty() && row.crc32c.empty()) << row.fields;
    EXPECT_EQ(digests->sha256 ? digest_field(*digests->sha256).view() : "", row.sha256);
    EXPECT_EQ(digests->crc32c ? digest_field(*digests->crc32c).view() : "", row.crc32c);
  }
}

TEST(Digest, IsWrittenAsOpensslAndPythonWriteIt) {
  Sha256 digest;
  digest.update(as_bytes("abc"));
  EXPECT_EQ(digest_field(digest.value()), "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:");
  EXPECT_EQ(digest_field(crc32c(as_bytes("123456789"))), "crc32c=:4waSgw==:");
}

TEST(WantedDigest, IsTheKnownOneOfTheHighestWeight) {
  for (const WantedDigestVector& row : kWantedDigestVectors) {
    const std::string text = request("Want-Repr-Digest: " + std::string(row.value) + "\r\n");
    const auto head = RequestHead::parse(text);
    ASSERT_TRUE(head.has_value()) << row.value;
    EXPECT_EQ(wanted_digest(*head, "Want-Repr-Digest"), row.wanted) << row.value;
    EXPECT_EQ(wanted_digest(*head, "Want-Content-Digest"), std::nullopt);
  }
}

TEST(WantedDigest, IsReadFromSeveralFields) {
  const auto head = RequestHead::parse(
      "GET / HTTP/1.1\r\nWant-Repr-Digest: sha-256=1\r\nWant-Repr-Digest: crc32c=2\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(wanted_digest(*head, "Want-Repr-Digest"), DigestAlgorithm::crc32c);
}

}  // namespace
}  // namespace wherry::http
