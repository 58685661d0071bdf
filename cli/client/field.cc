// SPDX-License-Identifier: MIT
#include "cli/client/field.h"

#include <algorithm>
#include <array>

#include "wherry/base/ascii.h"
#include "wherry/base/number.h"
#include "wherry/http/date.h"
#include "wherry/http/entity_tag.h"
#include "wherry/http/structured_field.h"

namespace wherry::cli {
namespace {

std::optional<std::uint64_t> decimal(std::string_view text) noexcept {
  const auto value = parse_decimal(text);
  if (!value) return std::nullopt;
  return *value;
}

/// Takes `bytes` and the space behind it off `value`.
bool take_unit(std::string_view& value) noexcept {
  constexpr std::string_view kUnit = "bytes ";
  if (!value.starts_with(kUnit)) return false;
  value.remove_prefix(kUnit.size());
  return true;
}

struct Member {
  std::string_view name;
  std::optional<std::uint64_t> UploadLimit::* value;
};

constexpr std::array kMembers = {
    Member{"min-size", &UploadLimit::min_size},
    Member{"max-size", &UploadLimit::max_size},
    Member{"min-append-size", &UploadLimit::min_append_size},
    Member{"max-append-size", &UploadLimit::max_append_size},
    Member{"max-age", &UploadLimit::max_age_s},
};

}  // namespace

std::optional<std::string_view> ReplyHead::field(std::string_view name) const noexcept {
  for (const auto& [key, value] : fields) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

std::optional<ContentRange> parse_content_range(std::string_view value) noexcept {
  if (!take_unit(value)) return std::nullopt;
  const std::size_t dash = value.find('-');
  const std::size_t slash = value.find('/');
  if (dash == value.npos || slash == value.npos || slash < dash) return std::nullopt;
  const auto first = decimal(value.substr(0, dash));
  const auto last = decimal(value.substr(dash + 1, slash - dash - 1));
  if (!first || !last || *last < *first) return std::nullopt;
  ContentRange range{*first, std::nullopt};
  if (value.substr(slash + 1) == "*") return range;
  range.total = decimal(value.substr(slash + 1));
  if (!range.total || *range.total <= *last) return std::nullopt;
  return range;
}

std::optional<std::uint64_t> parse_unsatisfied_range(std::string_view value) noexcept {
  if (!take_unit(value) || !value.starts_with("*/")) return std::nullopt;
  return decimal(value.substr(2));
}

std::optional<bool> parse_boolean(std::string_view value) noexcept {
  if (value == "?1") return true;
  if (value == "?0") return false;
  return std::nullopt;
}

std::optional<UploadLimit> parse_upload_limit(std::string_view text) noexcept {
  UploadLimit limit;
  http::DictionaryReader members(text);
  while (true) {
    const auto member = members.next();
    if (!member) return std::nullopt;
    if (!*member) return limit;
    const auto& [key, kind, number] = **member;
    const auto known = std::ranges::find(kMembers, key, &Member::name);
    if (known == kMembers.end()) continue;
    if (kind != http::DictionaryMember::Kind::integer) return std::nullopt;
    auto& value = limit.*known->value;
    value = decimal(number);
    if (!value) return std::nullopt;
  }
}

std::optional<std::uint32_t> checksum_of(const ReplyHead& head) noexcept {
  const auto value = head.field("X-Checksum-CRC32");
  const auto crc32 = value ? parse_hex32(*value) : Result<std::uint32_t>(Error::bad_request);
  if (!crc32) return std::nullopt;
  return *crc32;
}

std::optional<std::uint64_t> number_of(const ReplyHead& head, std::string_view name) noexcept {
  const auto value = head.field(name);
  if (!value) return std::nullopt;
  return decimal(*value);
}

std::string strong_validator(const ReplyHead& head) {
  if (const auto value = head.field("ETag")) {
    const auto tag = http::parse_entity_tag(*value);
    return tag && !tag->weak ? std::string(*value) : std::string();
  }
  constexpr std::int64_t kOldEnough_s = 60;
  const auto modified = head.field("Last-Modified");
  const auto date = head.field("Date");
  if (!modified || !date) return {};
  const auto modified_s = http::parse_http_date(*modified, std::nullopt);
  const auto date_s = http::parse_http_date(*date, std::nullopt);
  if (!modified_s || !date_s || *date_s - *modified_s < kOldEnough_s) return {};
  return std::string(*modified);
}

}  // namespace wherry::cli
