// SPDX-License-Identifier: MIT
// Entity tags: the names that a server gives to versions of a representation, and the lists of them
// that conditions consist of.
// Knows how they are written and compared; not what a condition decides (precondition.h).
// Keeps: a list that is not well formed to its end is malformed, whatever was found in it before.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"
#include "wherry/http/request_head.h"

namespace wherry::http {

/// Lifetime: that of the field value.
struct EntityTag {
  std::string_view opaque;  // in its quotes: `"abc"`
  bool weak = false;        // W/ stood before it

  bool operator==(const EntityTag&) const = default;
};

/// A quote, 16 digits, a quote.
using VersionTag = FixedString<18>;

/// Returns: the strong tag of a version that has a number: `"0123456789abcdef"`; an empty text for
/// 0, which stands for a version that nobody knows.
VersionTag version_tag(std::uint64_t version) noexcept;

/// Whether both are strong, and the same.  Source: RFC 9110 §8.8.3.2.
constexpr bool strongly_equal(const EntityTag& a, const EntityTag& b) noexcept {
  return !a.weak && !b.weak && a.opaque == b.opaque;
}

/// Whether they are the same, strong or not.  Source: RFC 9110 §8.8.3.2.
constexpr bool weakly_equal(const EntityTag& a, const EntityTag& b) noexcept {
  return a.opaque == b.opaque;
}

/// Takes an entity tag off the beginning of `rest`.
/// Returns: none, and `rest` as it was, when there is none.
/// Source: RFC 9110 §8.8.3.
std::optional<EntityTag> take_entity_tag(std::string_view& rest) noexcept;

/// Returns: the entity tag that `value` is; none when it is anything else.
std::optional<EntityTag> parse_entity_tag(std::string_view value) noexcept;

/// How the tags of a list are compared with that of the current representation.
using TagComparison = bool (*)(const EntityTag&, const EntityTag&) noexcept;

/// What a request says in If-Match or If-None-Match.
enum class TagCondition : std::uint8_t {
  absent,     // no such field
  any,        // `*`
  listed,     // tags, of which one is the current one
  unlisted,   // tags, none of which is the current one; also none at all
  malformed,  // neither
};

/// Reads all fields of that name, and looks for `current`: none, where there is no representation
/// or it has no tag.  Source: RFC 9110 §13.1.1, §13.1.2, §5.6.1.
TagCondition read_tag_condition(const RequestHead& head, std::string_view name,
                                const std::optional<EntityTag>& current,
                                TagComparison equal) noexcept;

}  // namespace wherry::http
