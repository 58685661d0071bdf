// SPDX-License-Identifier: MIT
#include "cli/client/digests.h"

#include <vector>

#include "wherry/base/crc32c.h"
#include "wherry/base/sha256.h"
#include "wherry/http/digest.h"

namespace wherry::cli {

std::optional<bool> has_digest(const LocalFile& file, std::string_view repr_digest) {
  http::Digests digests;
  if (!http::read_digests(repr_digest, digests) || digests.empty()) return std::nullopt;
  std::vector<char> block(kReadBlock);
  Crc32c crc32c;
  Sha256 sha256;
  for (std::uint64_t offset = 0; offset < file.size();) {
    const auto count = file.read(offset, block);
    if (!count || *count == 0) return std::nullopt;
    const Bytes bytes = as_bytes(std::string_view(block.data(), *count));
    if (digests.crc32c) crc32c.update(bytes);
    if (digests.sha256) sha256.update(bytes);
    offset += *count;
  }
  return (!digests.crc32c || *digests.crc32c == crc32c.value()) &&
         (!digests.sha256 || *digests.sha256 == sha256.value());
}

std::optional<bool> is_same_by(const ReplyHead& head, const LocalFile& file, std::uint32_t crc32) {
  const auto length = number_of(head, "Content-Length");
  if (length && *length != file.size()) return false;
  if (const auto theirs = checksum_of(head)) return *theirs == crc32;
  const auto digest = head.field("Repr-Digest");
  return digest ? has_digest(file, *digest) : std::nullopt;
}

}  // namespace wherry::cli
