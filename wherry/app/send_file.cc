// SPDX-License-Identifier: MIT
// A stored file as a response: what the file is called decides its type, what the client asks for
// decides which bytes of it.
#include <array>

#include "wherry/app/response.h"
#include "wherry/http/date.h"
#include "wherry/http/media_type.h"

namespace wherry::app {
namespace {

std::string_view keep(Request& request, Response& response, std::string_view text) noexcept {
  const auto memory = request.scratch().text(text.size());
  if (!memory) {
    response.lacks_memory();
    return {};
  }
  std::copy(text.begin(), text.end(), memory->begin());
  return {memory->data(), text.size()};
}

// RFC 9110 §13.1.5: by date only, and only by the very date that we gave: Last-Modified is a weak
// validator within the second in which the file was written, which is why that does not count.
bool range_applies(Request& request, const storage::FileInfo& info) noexcept {
  const auto condition = request.header("If-Range");
  if (!condition) return true;
  if (!info.modified_s) return false;
  const auto now = request.loop().unix_time_s();
  const auto date = http::parse_http_date(*condition, now);
  return date && *date == *info.modified_s && now && *now > *date + 1;
}

http::RangeSelection select_range(Request& request, const storage::FileInfo& info,
                                  std::span<http::ByteRange> into) noexcept {
  // RFC 9110 §14.2: Range is defined for GET alone.
  const auto range = request.header("Range");
  if (!range || request.method() != http::Method::get || !range_applies(request, info)) return {};
  return http::select_ranges(*range, info.size, into);
}

// RFC 9110 §13.1.3; ignored where If-None-Match is given, which knows better.
bool is_unmodified(Request& request, const storage::FileInfo& info) noexcept {
  const auto since = request.header("If-Modified-Since");
  if (!since || !info.modified_s || request.header("If-None-Match")) return false;
  const auto date = http::parse_http_date(*since, request.loop().unix_time_s());
  return date && *info.modified_s <= *date;
}

void describe_file(Request& request, Response& response, const storage::FileInfo& info,
                   std::string_view type) noexcept {
  if (info.modified_s) {
    response.header("Last-Modified", keep(request, response, http::http_date(*info.modified_s)));
  }
  response.header("Accept-Ranges", "bytes").header("X-Content-Type-Options", "nosniff");
  if (http::can_run_script(type)) {
    response.header("Content-Security-Policy", "sandbox; default-src 'none'");
  }
}

}  // namespace

coro::Task<Response> send_file(Request& request, std::string_view filename) {
  storage::File file = co_await request.storage().open(filename);
  const storage::FileInfo info = file.info();
  const std::string_view type = http::media_type_of(filename);
  if (is_unmodified(request, info)) {
    Response unmodified(request, 304);
    describe_file(request, unmodified, info, type);
    co_return unmodified;
  }
  std::array<http::ByteRange, 1> one;
  const http::RangeSelection selection = select_range(request, info, one);
  if (selection.kind == http::RangeSelection::Kind::unsatisfiable) {
    Response refusal = error_reply(request, 416, describe(Error::range_not_satisfiable).text);
    refusal.header("Content-Range",
                   keep(request, refusal, http::unsatisfied_content_range(info.size)));
    co_return refusal;
  }
  const bool is_part = selection.kind == http::RangeSelection::Kind::partial;
  const http::ByteRange range = is_part ? one[0] : http::ByteRange{0, info.size};
  Response response(request, is_part ? 206 : 200);
  describe_file(request, response, info, type);
  if (is_part) {
    response.header("Content-Range",
                    keep(request, response, http::content_range(range, info.size)));
  }
  response.content(Response::FileBody{std::move(file), range}, type, range.size);
  co_return response;
}

}  // namespace wherry::app
