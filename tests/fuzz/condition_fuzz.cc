// SPDX-License-Identifier: MIT
// Invariants: a write of which a guard cannot be read, or does not hold, fails; what If-Match lists
// is what it holds for; an Accept chooses a type that is offered; a range is answered only to who
// has the very version, or asks nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wherry/http/accept.h"
#include "wherry/http/entity_tag.h"
#include "wherry/http/precondition.h"

namespace {

using namespace wherry::http;

constexpr std::int64_t kThen = 784'111'777;
constexpr EntityTag kCurrentTag{"\"c\"", false};
constexpr Validators kCurrent{true, kCurrentTag.opaque, kThen};
constexpr Validators kNothing{false, {}, std::nullopt};
constexpr std::string_view kOffered[] = {"text/html", "application/json", "text/plain"};

void require(bool holds) {
  if (!holds) std::abort();
}

void check_write(const RequestHead& head) {
  const auto match = read_tag_condition(head, "If-Match", kCurrentTag, strongly_equal);
  const auto none_match = read_tag_condition(head, "If-None-Match", kCurrentTag, weakly_equal);
  const bool proceeds = evaluate_preconditions(head, kCurrent, kThen) == Precondition::proceed;
  require(evaluate_preconditions(head, kCurrent, kThen) != Precondition::not_modified);
  if (match == TagCondition::malformed || match == TagCondition::unlisted) require(!proceeds);
  if (none_match != TagCondition::absent && none_match != TagCondition::unlisted) {
    require(!proceeds);
  }
  if (match != TagCondition::absent) {
    require(evaluate_preconditions(head, kNothing, kThen) == Precondition::failed);
  }
  const bool is_guarded = write_guard(head, kCurrent) != WriteGuard::none;
  require(is_guarded || (match == TagCondition::absent && none_match == TagCondition::absent));
}

void check_tag(std::string_view value) {
  const auto tag = parse_entity_tag(value);
  if (!tag) return;
  require(value == (tag->weak ? "W/" : "") + std::string(tag->opaque));
  require(tag->opaque.size() >= 2 && tag->opaque.find('"', 1) == tag->opaque.size() - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string fields(reinterpret_cast<const char*>(data), size);
  const auto is_applied = [](const RequestHead& head) {
    return range_applies(head, kCurrent, kThen + 9);
  };
  for (const std::string_view method : {"PUT", "GET"}) {
    const std::string text = std::string(method) + " / HTTP/1.1\r\n" + fields + "\r\n\r\n";
    const auto head = RequestHead::parse(text);
    if (!head) return 0;
    if (method == "PUT") check_write(*head);
    if (is_applied(*head) && head->find("If-Range")) {
      require(*head->find("If-Range") == kCurrentTag.opaque || head->find("If-Range")->size() > 20);
    }
    const auto chosen = best_media_type(*head, kOffered);
    require(!chosen || *chosen < std::size(kOffered));
    head->for_each("If-Range", check_tag);
  }
  return 0;
}
