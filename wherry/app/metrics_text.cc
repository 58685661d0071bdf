// SPDX-License-Identifier: MIT
#include "wherry/app/metrics_text.h"

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"

namespace wherry::app {
namespace {

constexpr std::size_t kMaxMetricBytes =
    sizeof("wherry_") + 3 * (StatusSink::kMaxNameBytes + 1) + sizeof("_seconds_total");
// The name in a line of help, of type and of the sample; in help also its words; what is around it.
constexpr std::size_t kMaxFactBytes =
    3 * kMaxMetricBytes + 3 * (StatusSink::kMaxNameBytes + 1) + 60;
static_assert(MetricsText::kPieceBytes >= kMaxFactBytes);

}  // namespace

void MetricsText::begin_piece() noexcept {
  text_.clear();
  section_ = item_ = {};
  told_count_ = 0;
  is_full_ = false;
}

Bytes MetricsText::end_piece() noexcept {
  WHERRY_ASSERT(!text_.overflowed());  // each fact found its room
  is_finished_ = !is_full_;
  return as_bytes(text_.view());
}

// Once one fact finds no room, the following ones wait for the next piece too.
bool MetricsText::takes_next(bool needs_room) noexcept {
  if (told_count_++ < written_count_ || is_full_) return false;
  is_full_ = needs_room && text_.room() < kMaxFactBytes;
  if (!is_full_) ++written_count_;
  return !is_full_;
}

void MetricsText::section(const char* name) noexcept {
  section_ = name;
  item_ = {};
}

void MetricsText::item(const char* name) noexcept { item_ = name; }

void MetricsText::metric_name(std::string_view name, std::string_view suffix) noexcept {
  text_.append("wherry_");
  for (const std::string_view part : {section_, item_}) {
    for (const char c : part) text_.append(to_lower(c));  // lwIP's pools have names in capitals
    if (!part.empty()) text_.append('_');
  }
  text_.append(name).append(suffix);
}

void MetricsText::comment(std::string_view keyword, std::string_view name,
                          std::string_view suffix) noexcept {
  text_.append("# ").append(keyword).append(' ');
  metric_name(name, suffix);
  text_.append(' ');
}

// Of a thousand, and no floating point: "12.345".
void MetricsText::value(std::uint64_t value, unsigned scale) noexcept {
  if (scale == 1) {
    text_.append_decimal(value);
  } else {
    text_.append_decimal(value / scale).append('.').append_decimal(value % scale, 3);
  }
  text_.append('\n');
}

void MetricsText::number(const char* name, std::uint64_t value, Kind kind) noexcept {
  if (!takes_next()) return;
  std::string_view stem = name;
  const bool is_time = stem.ends_with("_ms");
  if (is_time) stem.remove_suffix(std::string_view("_ms").size());
  const bool is_counter = kind == Kind::counter;
  const std::string_view suffix =
      is_time ? (is_counter ? "_seconds_total" : "_seconds") : (is_counter ? "_total" : "");
  comment("HELP", stem, suffix);
  text_.append(section_).append(section_.empty() ? "" : ": ");
  text_.append(item_).append(item_.empty() ? "" : ": ").append(stem).append('\n');
  comment("TYPE", stem, suffix);
  text_.append(is_counter ? "counter\n" : "gauge\n");
  metric_name(stem, suffix);
  text_.append(' ');
  this->value(value, is_time ? 1000 : 1);
}

void MetricsText::text(const char* name, const char* text) noexcept {
  if (!takes_next()) return;
  comment("HELP", name, "_info");
  text_.append(name).append('\n');
  comment("TYPE", name, "_info");
  text_.append("gauge\n");
  metric_name(name, "_info");
  text_.append('{').append(name).append("=\"");
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c == '\n') {
      text_.append("\\n");
      continue;
    }
    if (*c == '"' || *c == '\\') text_.append('\\');
    text_.append(*c);
  }
  text_.append("\"} 1\n");
}

void MetricsText::family(std::string_view name, std::string_view type,
                         std::string_view help) noexcept {
  section_ = item_ = {};
  family_ = name;
  if (!takes_next()) return;
  comment("HELP", name, "");
  text_.append(help).append('\n');
  comment("TYPE", name, "");
  text_.append(type).append('\n');
}

void MetricsText::sample(std::string_view suffix, std::string_view label,
                         std::string_view label_value, std::uint64_t value,
                         unsigned scale) noexcept {
  if (!takes_next()) return;
  metric_name(family_, suffix);
  if (!label.empty()) {
    text_.append('{').append(label).append("=\"").append(label_value).append("\"}");
  }
  text_.append(' ');
  this->value(value, scale);
}

}  // namespace wherry::app
