// SPDX-License-Identifier: MIT
// Invariant: every second goes to a date and back; a date that is read, with or without a clock, is
// one that can be written, and an IMF-fixdate without leap second is written as it was read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include "wherry/http/date.h"

namespace {

using namespace wherry::http;

void require(bool holds) {
  if (!holds) std::abort();
}

void read(std::string_view text, std::optional<std::int64_t> now) {
  const auto seconds = parse_http_date(text, now);
  if (!seconds) return;
  // The leap second of the last minute of the year 9999 is the only one beyond.
  require(*seconds >= kMinHttpDate && *seconds <= kMaxHttpDate + 1);
  const HttpDate written = http_date(*seconds);
  if (*seconds <= kMaxHttpDate) require(parse_http_date(written).value() == *seconds);
  const bool leaps = text.find(":60") != std::string_view::npos;
  if (text.size() == kHttpDateSize && text[3] == ',' && !leaps) require(written.view() == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::int64_t now = 0;
  if (size < sizeof now) return 0;
  std::memcpy(&now, data, sizeof now);
  const std::string_view text(reinterpret_cast<const char*>(data) + sizeof now, size - sizeof now);
  require(parse_http_date(http_date(now)).value() == std::clamp(now, kMinHttpDate, kMaxHttpDate));
  read(text, std::nullopt);
  read(text, now);
  return 0;
}
