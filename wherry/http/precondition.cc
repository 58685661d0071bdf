// SPDX-License-Identifier: MIT
#include "wherry/http/precondition.h"

#include "wherry/http/date.h"
#include "wherry/http/entity_tag.h"

namespace wherry::http {
namespace {

std::optional<EntityTag> tag_of(const Validators& current) noexcept {
  if (!current.exists || current.etag.empty()) return std::nullopt;
  return EntityTag{current.etag, false};
}

/// Returns: the date in the only field of that name; none when there is none, or none to compare it
/// with (RFC 9110 §13.1.3, §13.1.4: such a field MUST be ignored).
std::optional<std::int64_t> date_in(const RequestHead& head, std::string_view name,
                                    const Validators& current,
                                    std::optional<std::int64_t> now) noexcept {
  if (!current.exists || !current.modified_s || head.count(name) != 1) return std::nullopt;
  const auto date = parse_http_date(*head.find(name), now);
  return date ? std::optional(*date) : std::nullopt;
}

bool is_read(const RequestHead& head) noexcept {
  return head.method() == Method::get || head.method() == Method::head;
}

/// RFC 9110 §13.1.1, §13.1.4: If-Match, or in its absence If-Unmodified-Since.
bool may_touch(const RequestHead& head, const Validators& current,
               std::optional<std::int64_t> now) noexcept {
  switch (read_tag_condition(head, "If-Match", tag_of(current), strongly_equal)) {
    case TagCondition::any:
      return current.exists;
    case TagCondition::listed:
      return true;
    case TagCondition::absent: {
      const auto date = date_in(head, "If-Unmodified-Since", current, now);
      return !date || *current.modified_s <= *date;
    }
    default:
      return false;
  }
}

/// RFC 9110 §13.1.2, §13.1.3: If-None-Match, or in its absence, and for reads, If-Modified-Since.
bool is_news(const RequestHead& head, const Validators& current,
             std::optional<std::int64_t> now) noexcept {
  switch (read_tag_condition(head, "If-None-Match", tag_of(current), weakly_equal)) {
    case TagCondition::any:
      return !current.exists;
    case TagCondition::listed:
      return false;
    case TagCondition::malformed:
      return is_read(head);
    case TagCondition::absent: {
      if (!is_read(head)) return true;
      const auto date = date_in(head, "If-Modified-Since", current, now);
      return !date || *current.modified_s > *date;
    }
    default:
      return true;
  }
}

}  // namespace

Precondition evaluate_preconditions(const RequestHead& head, const Validators& current,
                                    std::optional<std::int64_t> now) noexcept {
  if (!may_touch(head, current, now)) return Precondition::failed;
  if (is_news(head, current, now)) return Precondition::proceed;
  return is_read(head) ? Precondition::not_modified : Precondition::failed;
}

WriteGuard write_guard(const RequestHead& head, const Validators& current) noexcept {
  const WriteGuard same = current.exists ? WriteGuard::same : WriteGuard::absent;
  const TagCondition match = read_tag_condition(head, "If-Match", {}, strongly_equal);
  const TagCondition none_match = read_tag_condition(head, "If-None-Match", {}, weakly_equal);
  if (none_match == TagCondition::any) return WriteGuard::absent;
  if (none_match != TagCondition::absent) return same;
  if (match == TagCondition::any) return WriteGuard::present;
  if (match != TagCondition::absent) return same;
  return head.find("If-Unmodified-Since") ? same : WriteGuard::none;
}

bool range_applies(const RequestHead& head, const Validators& current,
                   std::optional<std::int64_t> now) noexcept {
  const auto condition = head.find("If-Range");
  if (!condition) return true;
  if (head.count("If-Range") != 1) return false;
  const auto current_tag = tag_of(current);
  if (const auto tag = parse_entity_tag(*condition)) {
    return current_tag && strongly_equal(*tag, *current_tag);
  }
  const auto date = date_in(head, "If-Range", current, now);
  return date && *date == *current.modified_s && now && *now > *date + 1;
}

}  // namespace wherry::http
