// SPDX-License-Identifier: MIT
#include "wherry/app/status_json.h"

#include "wherry/base/assert.h"

namespace wherry::app {
namespace {

// "}}, " before it, then the name and the longest value: a text with its quotes, or 20 digits.
constexpr std::size_t kMaxFactBytes = 4 + 4 + 2 * (StatusSink::kMaxNameBytes + 2);
constexpr std::size_t kMaxEndBytes = 3;
static_assert(StatusJson::kPieceBytes >= kMaxFactBytes);
static_assert(StatusJson::kPieceBytes >= 2 + StatusJson::kMaxRowBytes + kMaxEndBytes);

// The depth in which things lie that belong to no section, to one, to an item of one.
constexpr unsigned kPage = 1, kSection = 2, kItem = 3;

}  // namespace

void StatusJson::begin_piece() noexcept {
  json_.clear();
  told_count_ = 0;
  is_full_ = false;
  if (depth_ != 0) return;
  json_.begin_object();
  depth_ = kPage;
}

Bytes StatusJson::end_piece() noexcept {
  if (!is_full_ && json_.room() >= kMaxEndBytes) {
    close_to(0);
    is_finished_ = true;
  }
  const auto text = json_.text();
  WHERRY_ASSERT(text.has_value());  // each fact found its room
  return as_bytes(*text);
}

// Once one fact finds no room, the following ones wait for the next piece too.
bool StatusJson::takes_next() noexcept {
  if (told_count_++ < written_count_ || is_full_) return false;
  is_full_ = json_.room() < kMaxFactBytes;
  if (!is_full_) ++written_count_;
  return !is_full_;
}

void StatusJson::close_to(unsigned depth) noexcept {
  for (; depth_ > depth; --depth_) {
    if (depth_ == kSection && is_list_) {
      json_.end_array();
    } else {
      json_.end_object();
    }
  }
}

void StatusJson::open(const char* name, unsigned depth) noexcept {
  if (!takes_next()) return;
  close_to(depth - 1);
  json_.key(name).begin_object();
  depth_ = depth;
  is_list_ = false;
}

void StatusJson::list(const char* name) noexcept {
  if (!takes_next()) return;
  close_to(kPage);
  json_.key(name).begin_array();
  depth_ = kSection;
  is_list_ = true;
}

JsonWriter* StatusJson::row() noexcept {
  is_full_ = is_full_ || json_.room() < kMaxRowBytes + 2;
  return is_full_ ? nullptr : &json_;
}

void StatusJson::section(const char* name) noexcept { open(name, kSection); }

void StatusJson::item(const char* name) noexcept { open(name, kItem); }

void StatusJson::number(const char* name, std::uint64_t value, Kind) noexcept {
  if (takes_next()) json_.key(name).value(value);
}

void StatusJson::text(const char* name, const char* text) noexcept {
  if (takes_next()) json_.key(name).value(text);
}

}  // namespace wherry::app
