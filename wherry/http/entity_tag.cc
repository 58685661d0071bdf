// SPDX-License-Identifier: MIT
#include "wherry/http/entity_tag.h"

#include <cstddef>

#include "wherry/base/ascii.h"

namespace wherry::http {
namespace {

/// etagc = %x21 / %x23-7E / obs-text: all that is visible but the quote, and bytes over 0x7F.
bool is_tag_character(char c) noexcept { return c != '"' && c != ' ' && !is_control(c); }

/// Reads one field: `*`, or a list of tags, to which `found` adds what was found before.
TagCondition read_list(std::string_view value, const std::optional<EntityTag>& current,
                       TagComparison equal, TagCondition found) noexcept {
  if (value == "*")
    return found == TagCondition::absent ? TagCondition::any : TagCondition::malformed;
  if (found == TagCondition::any || found == TagCondition::malformed) {
    return TagCondition::malformed;
  }
  if (found == TagCondition::absent) found = TagCondition::unlisted;
  while (true) {
    value = trim_ows(value);
    if (value.empty()) return found;
    // RFC 9110 §5.6.1.2: a list may have empty elements.
    if (!value.starts_with(',')) {
      const std::optional<EntityTag> tag = take_entity_tag(value);
      if (!tag) return TagCondition::malformed;
      if (current && equal(*tag, *current)) found = TagCondition::listed;
      value = trim_ows(value);
      if (value.empty()) return found;
      if (!value.starts_with(',')) return TagCondition::malformed;
    }
    value.remove_prefix(1);
  }
}

}  // namespace

VersionTag version_tag(std::uint64_t version) noexcept {
  VersionTag tag;
  if (version == 0) return tag;
  char text[18] = {'"'};
  for (std::size_t i = 16; i > 0; --i, version >>= 4) text[i] = "0123456789abcdef"[version & 0xF];
  text[17] = '"';
  static_cast<void>(tag.append({text, sizeof(text)}));
  return tag;
}

// entity-tag = [ %s"W/" ] DQUOTE *etagc DQUOTE
std::optional<EntityTag> take_entity_tag(std::string_view& rest) noexcept {
  EntityTag tag;
  tag.weak = rest.starts_with("W/");
  const std::string_view text = rest.substr(tag.weak ? 2 : 0);
  if (!text.starts_with('"')) return std::nullopt;
  std::size_t end = 1;
  while (end < text.size() && is_tag_character(text[end])) ++end;
  if (end == text.size() || text[end] != '"') return std::nullopt;
  tag.opaque = text.substr(0, end + 1);
  rest = text.substr(end + 1);
  return tag;
}

std::optional<EntityTag> parse_entity_tag(std::string_view value) noexcept {
  const std::optional<EntityTag> tag = take_entity_tag(value);
  return value.empty() ? tag : std::nullopt;
}

TagCondition read_tag_condition(const RequestHead& head, std::string_view name,
                                const std::optional<EntityTag>& current,
                                TagComparison equal) noexcept {
  TagCondition found = TagCondition::absent;
  head.for_each(name,
                [&](std::string_view value) { found = read_list(value, current, equal, found); });
  return found;
}

}  // namespace wherry::http
