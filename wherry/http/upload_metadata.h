// SPDX-License-Identifier: MIT
// Two fields of the tus resumable upload protocol, 1.0.0: Upload-Metadata, what is known of a file
// that is about to come, and Upload-Checksum, what the bytes of one request come to.
// Knows how they are written and what the algorithms are called; not which keys there are, nor how
// a checksum is computed.
// Keeps: a pair is handed out only when it is well formed and no earlier one has its key; of those
// that it hands out, the reader of a field may use none before it has seen the end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/result.h"
#include "wherry/base/sha256.h"

namespace wherry::http {

struct MetadataPair {
  std::string_view key;    // in the field
  std::string_view value;  // any bytes, in the reader's memory; empty: none was given, or an empty
};

/// Reads the pairs of one Upload-Metadata one by one. A field without any is read too. Time: that
/// of the square of its size, which the caller bounds.
class MetadataReader {
 public:
  /// `memory`: for the decoded values, one behind the other: as many bytes as the field has are
  /// always enough.
  /// Lifetime: what both show outlives the reader and its pairs.
  MetadataReader(std::string_view field, std::span<char> memory) noexcept
      : field_(field), rest_(field), room_(memory) {}

  /// Returns: the next pair, nullopt behind the last.
  /// Errors: bad_request: an empty key, a key that came before, a value that is not base64, no room
  ///         for it; call it no more then.
  /// Source: tus 1.0.0, "Creation", "Upload-Metadata"; RFC 9110 §5.6.1 (white space around commas).
  Result<std::optional<MetadataPair>> next() noexcept;

 private:
  bool has_come(std::string_view key) const noexcept;

  std::string_view field_;
  std::string_view rest_;
  std::span<char> room_;
  bool follows_ = false;  // a pair came before
};

enum class ChecksumAlgorithm : std::uint8_t { sha1, sha256, crc32 };

/// The names of the algorithms, as Tus-Checksum-Algorithm tells them.
inline constexpr std::string_view kChecksumAlgorithms = "sha1,sha256,crc32";

/// What Upload-Checksum says.
struct UploadChecksum {
  ChecksumAlgorithm algorithm = ChecksumAlgorithm::sha1;
  std::uint8_t size = 0;                        // of the value, as the algorithm has it
  std::array<std::byte, kSha256Size> memory{};  // a CRC-32 is four bytes in network order

  Bytes value() const noexcept { return Bytes(memory).first(size); }
};

/// Errors: bad_request: another algorithm, no base64, or not as many bytes as the algorithm has.
/// Source: tus 1.0.0, "Checksum", "Upload-Checksum".
Result<UploadChecksum> parse_upload_checksum(std::string_view field) noexcept;

}  // namespace wherry::http
