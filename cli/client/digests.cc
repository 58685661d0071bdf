// SPDX-License-Identifier: MIT
#include "cli/client/digests.h"

#include <vector>

#include "wherry/base/crc32c.h"
#include "wherry/base/sha256.h"
#include "wherry/http/digest.h"

namespace wherry::cli {

namespace {

/// Computes what a field says, and compares.
class Comparison {
 public:
  explicit Comparison(std::string_view repr_digest) noexcept
      : is_known_(http::read_digests(repr_digest, said_) && !said_.empty()) {}

  bool is_known() const noexcept { return is_known_; }
  void update(Bytes bytes) noexcept {
    if (said_.crc32c) crc32c_.update(bytes);
    if (said_.sha256) sha256_.update(bytes);
  }
  bool holds() noexcept {
    return (!said_.crc32c || *said_.crc32c == crc32c_.value()) &&
           (!said_.sha256 || *said_.sha256 == sha256_.value());
  }

 private:
  http::Digests said_;
  Crc32c crc32c_;
  Sha256 sha256_;
  bool is_known_;
};

}  // namespace

std::optional<bool> has_digest(const LocalFile& file, std::string_view repr_digest) {
  Comparison comparison(repr_digest);
  if (!comparison.is_known()) return std::nullopt;
  std::vector<char> block(kReadBlock);
  for (std::uint64_t offset = 0; offset < file.size();) {
    const auto count = file.read(offset, block);
    if (!count || *count == 0) return std::nullopt;
    comparison.update(as_bytes(std::string_view(block.data(), *count)));
    offset += *count;
  }
  return comparison.holds();
}

std::optional<bool> has_digest(Bytes bytes, std::string_view repr_digest) {
  Comparison comparison(repr_digest);
  if (!comparison.is_known()) return std::nullopt;
  comparison.update(bytes);
  return comparison.holds();
}

std::optional<bool> is_same_by(const ReplyHead& head, const LocalFile& file, std::uint32_t crc32) {
  const auto length = number_of(head, "Content-Length");
  if (length && *length != file.size()) return false;
  if (const auto theirs = checksum_of(head)) return *theirs == crc32;
  const auto digest = head.field("Repr-Digest");
  return digest ? has_digest(file, *digest) : std::nullopt;
}

}  // namespace wherry::cli
