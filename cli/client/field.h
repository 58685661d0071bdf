// SPDX-License-Identifier: MIT
// Fields of replies, as a client reads them: what is not well formed counts as absent.
// Knows no connection and no file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wherry::cli {

/// The head of a reply, interim or final.
struct ReplyHead {
  int status = 0;  // 0: none came
  std::vector<std::pair<std::string, std::string>> fields;

  /// Returns: the value of the first field called so (case is ignored), or nothing.
  /// Lifetime: that of the head.
  std::optional<std::string_view> field(std::string_view name) const noexcept;
};

/// `bytes 6-12/1000`
struct ContentRange {
  std::uint64_t first = 0;
  std::optional<std::uint64_t> total;  // nothing: `*`

  bool operator==(const ContentRange&) const = default;
};

/// Source: RFC 9110 §14.4.
std::optional<ContentRange> parse_content_range(std::string_view value) noexcept;

/// The size of the representation in `bytes */1000`, which a 416 says.
std::optional<std::uint64_t> parse_unsatisfied_range(std::string_view value) noexcept;

/// `?1` or `?0`.  Source: RFC 9651 §3.3.6.
std::optional<bool> parse_boolean(std::string_view value) noexcept;

/// What a server says in Upload-Limit; nothing: not said.
struct UploadLimit {
  std::optional<std::uint64_t> min_size = std::nullopt;
  std::optional<std::uint64_t> max_size = std::nullopt;
  std::optional<std::uint64_t> min_append_size = std::nullopt;
  std::optional<std::uint64_t> max_append_size = std::nullopt;
  std::optional<std::uint64_t> max_age_s = std::nullopt;

  bool operator==(const UploadLimit&) const = default;
};

/// Source: draft-ietf-httpbis-resumable-upload §4.1.4: nothing when a known member has another
/// type.
std::optional<UploadLimit> parse_upload_limit(std::string_view text) noexcept;

/// The CRC-32 that X-Checksum-CRC32 says.
std::optional<std::uint32_t> checksum_of(const ReplyHead& head) noexcept;

/// The number that a field is, such as Upload-Offset or Content-Length.
std::optional<std::uint64_t> number_of(const ReplyHead& head, std::string_view name) noexcept;

/// What If-Range may say to go on with the same bytes: the strong entity tag, or a Last-Modified
/// that is old enough to be strong; empty: neither.
/// Source: RFC 9110 §8.8.2.2, §13.1.5.
std::string strong_validator(const ReplyHead& head);

}  // namespace wherry::cli
