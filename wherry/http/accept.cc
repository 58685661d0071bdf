// SPDX-License-Identifier: MIT
#include "wherry/http/accept.h"

#include <cstdint>

#include "wherry/base/ascii.h"
#include "wherry/http/field_value.h"

namespace wherry::http {
namespace {

constexpr int kFullWeight = 1000;

/// How well a range fits a type: the higher, the more it says of it.
enum class Fit : std::uint8_t { none, any, main_type, type };

/// weight = "0" [ "." 0*3DIGIT ] / "1" [ "." 0*3"0" ], in thousandths.
std::optional<int> read_weight(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int weight = text[0] - '0';
  for (std::size_t i = 2; i < 5; ++i) {
    const char digit = i < text.size() ? text[i] : '0';
    if (!is_digit(digit)) return std::nullopt;
    weight = weight * 10 + (digit - '0');
  }
  return weight <= kFullWeight ? std::optional(weight) : std::nullopt;
}

struct MediaRange {
  std::string_view main_type;
  std::string_view subtype;
  int weight = kFullWeight;

  Fit fit(std::string_view type) const noexcept {
    if (main_type == "*") return Fit::any;
    const std::string_view offered_main = split_next(type, '/');
    if (!equals_ignoring_case(main_type, offered_main)) return Fit::none;
    if (subtype == "*") return Fit::main_type;
    return equals_ignoring_case(subtype, type) ? Fit::type : Fit::none;
  }
};

/// media-range [ weight ]
std::optional<MediaRange> read_range(std::string_view element) noexcept {
  ParameterReader parameters(element);
  MediaRange range;
  range.subtype = parameters.item();
  range.main_type = split_next(range.subtype, '/');
  if (!is_token(range.main_type) || !is_token(range.subtype)) return std::nullopt;
  if (range.main_type == "*" && range.subtype != "*") return std::nullopt;
  while (true) {
    const auto parameter = parameters.next();
    if (!parameter) return std::nullopt;
    if (!*parameter) return range;
    if (!equals_ignoring_case((*parameter)->name, "q")) continue;
    const auto weight = read_weight((*parameter)->raw);
    if (!weight) return std::nullopt;
    range.weight = *weight;
  }
}

/// Takes what stands before the next comma that is in no quoted string off the list.
std::string_view take_element(std::string_view& rest) noexcept {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size() && (quoted || rest[end] != ','); ++end) {
    if (rest[end] == '"') quoted = !quoted;
    if (quoted && rest[end] == '\\') ++end;
  }
  const std::string_view element = rest.substr(0, end);
  rest.remove_prefix(end < rest.size() ? end + 1 : rest.size());
  return trim_ows(element);
}

/// What the fields say of one type.
struct Judgement {
  Fit fit = Fit::none;
  int weight = 0;
  bool says_anything = false;  // some field has an element
};

Judgement judge(const RequestHead& head, std::string_view type) noexcept {
  Judgement judgement;
  head.for_each("Accept", [&](std::string_view rest) {
    while (!rest.empty()) {
      const std::string_view element = take_element(rest);
      if (element.empty()) continue;
      judgement.says_anything = true;
      const auto range = read_range(element);
      const Fit fit = range ? range->fit(type) : Fit::none;
      if (fit == Fit::none || fit < judgement.fit) continue;
      if (fit > judgement.fit || range->weight > judgement.weight) judgement.weight = range->weight;
      judgement.fit = fit;
    }
  });
  return judgement;
}

}  // namespace

std::optional<std::size_t> best_media_type(const RequestHead& head,
                                           std::span<const std::string_view> offered) noexcept {
  std::optional<std::size_t> best;
  int best_weight = 0;
  for (std::size_t i = 0; i < offered.size(); ++i) {
    const Judgement judgement = judge(head, offered[i]);
    if (!judgement.says_anything) return 0;
    if (judgement.weight <= best_weight) continue;
    best = i;
    best_weight = judgement.weight;
  }
  return best;
}

}  // namespace wherry::http
