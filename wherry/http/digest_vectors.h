// SPDX-License-Identifier: MIT
// Digest fields and what they say (RFC 9530). Plain data without a test framework, so that a board
// can run through it too.
#pragma once

#include <optional>
#include <string_view>

#include "wherry/http/digest.h"

namespace wherry::http {

// Of nothing, of "abc", and the CRC-32C of "123456789".
#define WHERRY_OF_NOTHING "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
#define WHERRY_OF_ABC "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"
#define WHERRY_OF_DIGITS "crc32c=:4waSgw==:"

struct DigestVector {
  std::string_view fields;  // header lines, each with its CRLF
  bool well_formed;
  std::string_view sha256 = {};  // the field that says it; empty: none
  std::string_view crc32c = {};
};

inline constexpr DigestVector kDigestVectors[] = {
    {"", true},
    {"Repr-Digest:\r\n", true},
    {"Content-Digest: " WHERRY_OF_ABC "\r\n", true},
    {"Repr-Digest: " WHERRY_OF_ABC "\r\n", true, WHERRY_OF_ABC},
    {"repr-digest: " WHERRY_OF_DIGITS "\r\n", true, {}, WHERRY_OF_DIGITS},
    {"Repr-Digest: " WHERRY_OF_ABC ", " WHERRY_OF_DIGITS "\r\n", true, WHERRY_OF_ABC,
     WHERRY_OF_DIGITS},
    {"Repr-Digest: " WHERRY_OF_DIGITS "\r\nHost: a\r\nRepr-Digest: " WHERRY_OF_ABC "\r\n", true,
     WHERRY_OF_ABC, WHERRY_OF_DIGITS},
    {"Repr-Digest: " WHERRY_OF_ABC ", " WHERRY_OF_NOTHING "\r\n", true, WHERRY_OF_NOTHING},
    {"Repr-Digest: " WHERRY_OF_ABC "\r\nRepr-Digest: " WHERRY_OF_NOTHING "\r\n", true,
     WHERRY_OF_NOTHING},
    {"Repr-Digest: " WHERRY_OF_ABC ";a;b=\"c\"\r\n", true, WHERRY_OF_ABC},
    {"Repr-Digest: md5=:AAAA:, sha-512=:AAAA:, unixsum=1, x\r\n", true},
    {"Repr-Digest: md5=:AAAA:, " WHERRY_OF_DIGITS "\r\n", true, {}, WHERRY_OF_DIGITS},
    {"Repr-Digest: crc32c=:AAAAAA==:\r\n", true, {}, "crc32c=:AAAAAA==:"},
    {"Repr-Digest: crc32c=://///w==:\r\n", true, {}, "crc32c=://///w==:"},
    // other sizes and types
    {"Repr-Digest: sha-256=::\r\n", false},
    {"Repr-Digest: sha-256=:AAAA:\r\n", false},
    {"Repr-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==:\r\n", false},
    {"Repr-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA:\r\n", false},
    {"Repr-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU:\r\n", false},
    {"Repr-Digest: crc32c=:AAAA:\r\n", false},
    {"Repr-Digest: crc32c=:AAAAAAA=:\r\n", false},
    {"Repr-Digest: crc32c=1\r\n", false},
    {"Repr-Digest: crc32c=\"4waSgw==\"\r\n", false},
    {"Repr-Digest: crc32c=4waSgw==\r\n", false},
    {"Repr-Digest: sha-256\r\n", false},
    {"Repr-Digest: sha-256=(:AAAA:)\r\n", false},
    // not a dictionary
    {"Repr-Digest: " WHERRY_OF_ABC ",\r\n", false},
    {"Repr-Digest: " WHERRY_OF_ABC " " WHERRY_OF_DIGITS "\r\n", false},
    {"Repr-Digest: SHA-256=:AAAA:\r\n", false},
    {"Repr-Digest: md5=:A-_A:, " WHERRY_OF_ABC "\r\n", false},
    {"Repr-Digest: " WHERRY_OF_ABC ", md5=:AA\r\n", false},
    {"Repr-Digest: " WHERRY_OF_ABC "\r\nRepr-Digest: =\r\n", false},
    {"Repr-Digest: =\r\nRepr-Digest: " WHERRY_OF_ABC "\r\n", false},
};

#undef WHERRY_OF_NOTHING
#undef WHERRY_OF_ABC
#undef WHERRY_OF_DIGITS

struct WantedDigestVector {
  std::string_view value;
  std::optional<DigestAlgorithm> wanted;
};

inline constexpr WantedDigestVector kWantedDigestVectors[] = {
    {"sha-256=1", DigestAlgorithm::sha256},
    {"crc32c=1", DigestAlgorithm::crc32c},
    {"sha-256=3, crc32c=10", DigestAlgorithm::crc32c},
    {"crc32c=2, sha-256=3", DigestAlgorithm::sha256},
    {"crc32c=5, sha-256=5", DigestAlgorithm::sha256},
    {"sha-512=10, crc32c=1", DigestAlgorithm::crc32c},
    {"sha-512=3, sha-256=10, unixsum=0", DigestAlgorithm::sha256},
    {"sha-256=0, crc32c=1", DigestAlgorithm::crc32c},
    {"sha-256=10;a, crc32c=1", DigestAlgorithm::sha256},
    {"sha-256=1, sha-256=0", std::nullopt},
    {"sha-256=0", std::nullopt},
    {"sha-256=0, crc32c=0", std::nullopt},
    {"sha-512=10", std::nullopt},
    {"", std::nullopt},
    {"sha-256", std::nullopt},
    {"sha-256=11", std::nullopt},
    {"sha-256=-1", std::nullopt},
    {"sha-256=1.0", std::nullopt},
    {"sha-256=1, crc32c=11", std::nullopt},
    {"sha-256=:AAAA:", std::nullopt},
    {"sha-256=1, =", std::nullopt},
    {"sha-256=1,", std::nullopt},
};

}  // namespace wherry::http
