// SPDX-License-Identifier: MIT
// Upload-Metadata and Upload-Checksum, and what they say: the examples of the tus protocol, what
// tus-js-client sends, and what is not allowed. Plain data without a test framework, so that a
// board can run through it too.
#pragma once

#include <string_view>

#include "wherry/http/upload_metadata.h"

namespace wherry::http {

struct MetadataVector {
  std::string_view field;
  std::string_view pairs;  // `key=value;` of each
};

inline constexpr MetadataVector kMetadataVectors[] = {
    // the protocol's example
    {"filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential",
     "filename=world_domination_plan.pdf;is_confidential=;"},
    {"filename YS9iLmJpbg==,filetype YXBwbGljYXRpb24vb2N0ZXQtc3RyZWFt",
     "filename=a/b.bin;filetype=application/octet-stream;"},
    {"", ""},
    {"filename", "filename=;"},
    {"filename ", "filename=;"},
    {"filetype ,filename YQ==", "filetype=;filename=a;"},
    {"a,b,c", "a=;b=;c=;"},
    {"a YQ==,A YQ==", "a=a;A=a;"},
    {"a YQ==,ab YQ==,aba YQ==", "a=a;ab=a;aba=a;"},
    {"filename w6QudHh0", "filename=\xC3\xA4.txt;"},
    {"k AAA=", std::string_view("k=\0\0;", 5)},
    // white space around commas is that of any list
    {"a YQ== , b YQ==", "a=a;b=a;"},
    {"a\t,\tb", "a=;b=;"},
    {"k=v YQ==", "k=v=a;"},
};

inline constexpr std::string_view kRefusedMetadataVectors[] = {
    ",",
    "a,",
    ",a",
    "a,,b",
    "a, ,b",
    "a  YQ==",
    "a YQ== YQ==",
    // keys that are not unique
    "a,a",
    "a YQ==,a",
    "a,b,a YQ==",
    "a YQ==, b, a",
    // not base64
    "a YQ",
    "a YQ=",
    "a Y===",
    "a YR==",
    "a -_-_",
    "a YQ==YQ==",
    "filename a.txt",
};

struct UploadChecksumVector {
  std::string_view field;
  ChecksumAlgorithm algorithm;
  std::string_view hex;
};

inline constexpr UploadChecksumVector kUploadChecksumVectors[] = {
    // the protocol's example, of "hello world"
    {"sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", ChecksumAlgorithm::sha1,
     "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"},
    {"sha256 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", ChecksumAlgorithm::sha256,
     "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"},
    {"crc32 DUoRhQ==", ChecksumAlgorithm::crc32, "0d4a1185"},
};

inline constexpr std::string_view kRefusedUploadChecksumVectors[] = {
    "",
    "sha1",
    "sha1 ",
    "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0",
    "sha1  Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0= ",
    "sha1 DUoRhQ==",
    "sha1 uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
    "crc32 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "crc32 AAAA",
    "crc32 0d4a1185",
    "SHA1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "md5 XrY7u+Ae7tCTyyK7j1rNww==",
    "sha256 Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
};

}  // namespace wherry::http
