// SPDX-License-Identifier: MIT
#include "wherry/app/event_stream.h"

#include <utility>

namespace wherry::app {

void EventWriter::begin() noexcept {
  if (is_begun_) return;
  text_.clear();
  is_begun_ = true;
  is_refused_ = false;
}

EventWriter& EventWriter::line(std::string_view field, std::string_view value) noexcept {
  begin();
  constexpr std::string_view kForbidden("\r\n\0", 3);
  is_refused_ = is_refused_ || value.find_first_of(kForbidden) != std::string_view::npos;
  text_.append(field).append(value).append('\n');
  return *this;
}

EventWriter& EventWriter::id(std::uint64_t id) noexcept {
  begin();
  text_.append("id: ").append_decimal(id).append('\n');
  return *this;
}

EventWriter& EventWriter::retry_ms(std::uint32_t duration_ms) noexcept {
  begin();
  text_.append("retry: ").append_decimal(duration_ms).append('\n');
  return *this;
}

// A reader takes CR, LF and CR LF for the end of a line: each line gets a field of its own.
EventWriter& EventWriter::data(std::string_view text) noexcept {
  begin();
  while (true) {
    const std::size_t end = text.find_first_of("\r\n");
    text_.append("data: ").append(text.substr(0, end)).append('\n');
    if (end == std::string_view::npos) return *this;
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

EventWriter& EventWriter::json(std::initializer_list<JsonMember> members) noexcept {
  begin();
  text_.append("data: ");
  JsonWriter json(text_.free());
  const auto written = json.object(members).text();
  is_refused_ = is_refused_ || !written;
  if (written) text_.filled(written->size());
  text_.append('\n');
  return *this;
}

Bytes EventWriter::finish() noexcept {
  begin();
  text_.append('\n');
  is_begun_ = false;
  return text_.overflowed() || is_refused_ ? Bytes() : as_bytes(text_.view());
}

Response event_stream(Request& request, coro::AsyncGenerator<Bytes> events) noexcept {
  Response response = stream(request, std::move(events), std::nullopt, "text/event-stream");
  response.header("Cache-Control", "no-store");
  return response;
}

}  // namespace wherry::app
