// SPDX-License-Identifier: MIT
#include "wherry/http/upload_metadata.h"

#include "wherry/base/ascii.h"
#include "wherry/base/base64.h"
#include "wherry/base/sha1.h"

namespace wherry::http {
namespace {

struct Algorithm {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::uint8_t size;
};

constexpr Algorithm kAlgorithms[] = {
    {ChecksumAlgorithm::sha1, "sha1", kSha1Size},
    {ChecksumAlgorithm::sha256, "sha256", kSha256Size},
    {ChecksumAlgorithm::crc32, "crc32", sizeof(std::uint32_t)},
};

}  // namespace

/// Whether a pair before `rest_` has the key.
bool MetadataReader::has_come(std::string_view key) const noexcept {
  const char* const end = key.data();
  std::string_view before = field_;
  while (before.data() < end) {
    std::string_view pair = trim_ows(split_next(before, ','));
    if (pair.data() < end && split_next(pair, ' ') == key) return true;
  }
  return false;
}

Result<std::optional<MetadataPair>> MetadataReader::next() noexcept {
  if (rest_.empty() && !follows_) return std::optional<MetadataPair>();
  const bool is_last = rest_.find(',') == std::string_view::npos;
  std::string_view encoded = trim_ows(split_next(rest_, ','));
  follows_ = !is_last;  // behind a comma comes a pair, even if nothing does
  MetadataPair pair;
  pair.key = split_next(encoded, ' ');
  if (pair.key.empty() || has_come(pair.key)) return Error::bad_request;
  const auto size = base64_decode(encoded, std::as_writable_bytes(room_));
  if (!size) return size.error();
  pair.value = {room_.data(), *size};
  room_ = room_.subspan(*size);
  return std::optional(pair);
}

Result<UploadChecksum> parse_upload_checksum(std::string_view field) noexcept {
  const std::string_view name = split_next(field, ' ');
  for (const Algorithm& row : kAlgorithms) {
    if (row.name != name) continue;
    UploadChecksum checksum{row.algorithm, row.size};
    const auto size = base64_decode(field, checksum.memory);
    if (!size || *size != row.size) return Error::bad_request;
    return checksum;
  }
  return Error::bad_request;
}

}  // namespace wherry::http
