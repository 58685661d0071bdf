// SPDX-License-Identifier: MIT
// Files on their way out: stored ones, and those that are made while they are sent.
#include "wherry/base/text_writer.h"
#include "wherry/http/media_type.h"
#include "wherry/transfer/pattern.h"
#include "wherry/transfer/service.h"

namespace wherry::transfer {
namespace {

constexpr std::string_view kBinary = "application/octet-stream";

/// `attachment; filename="PREFIX_WHAT.bin"`, where WHAT is ours: digits, or the name of a pattern.
template <class What>
void offer_as_file(Request& request, Response& response, std::string_view prefix,
                   What what) noexcept {
  constexpr std::size_t kMaxSize = 80;
  const auto memory = request.scratch().text(kMaxSize);
  if (!memory) return response.lacks_memory();
  TextWriter value(*memory);
  value.append("attachment; filename=\"").append(prefix).append('_');
  if constexpr (std::is_integral_v<What>) {
    value.append_decimal(what);
  } else {
    value.append(what);
  }
  value.append(".bin\"");
  WHERRY_ASSERT(!value.overflowed());
  response.header("Content-Disposition", value.view());
}

/// `"NAME-SIZE"`: these are never other bytes.  Errors: no_memory.
Result<std::string_view> tag_of(Request& request, Pattern pattern, std::uint64_t size) noexcept {
  constexpr std::size_t kMaxSize = 40;
  const auto memory = request.scratch().text(kMaxSize);
  if (!memory) return memory.error();
  TextWriter tag(*memory);
  tag.append('"').append(pattern_name(pattern)).append('-').append_decimal(size).append('"');
  WHERRY_ASSERT(!tag.overflowed());
  return tag.view();
}

Response bad_report(Request& request, std::string_view sentence) noexcept {
  return app::error_reply(request, 400, sentence);
}

}  // namespace

Task<Response> home(Request& request) { return app::reply(request, app::text(request, "OK")); }

Task<Response> download(Request& request, std::string_view filename) {
  auto response = co_await coro::as_result(app::send_file(request, filename, request.freshness()));
  if (!response && response.error() == Error::not_found) {
    co_return app::error_reply(request, 404, "File not found");
  }
  co_return response;
}

Task<Response> generate(Request& request, std::uint64_t size) {
  constexpr Pattern kPattern = Pattern::sequential;
  const std::string_view tag = co_await tag_of(request, kPattern, size);
  Response response = co_await app::send_seekable(
      request, seekable_pattern(kPattern), {size, kBinary, tag, pattern_crc32(kPattern, size)});
  const bool is_sent = response.status() < 300;  // an error is no file
  if (is_sent) offer_as_file(request, response, "generated", size);
  co_return response;
}

Task<Response> report(Request& request) {
  if (!http::media_type_is(request.header("Content-Type").value_or(""), "application/json")) {
    co_return app::error_reply(request, 415, "The Content-Type must be application/json");
  }
  const app::JsonView parameters = co_await request.json();
  const auto size = parameters.unsigned_integer("size");
  if (!size) {
    co_return bad_report(request, "\"size\" must be one integer from 0 to 18446744073709551615");
  }
  const auto name = parameters.string("pattern");
  const auto pattern = name ? parse_pattern(name->value_or("sequential")) : std::nullopt;
  if (!pattern) co_return bad_report(request, "\"pattern\" must be \"sequential\" or \"random\"");
  const std::uint64_t wanted = size->value_or(1024);
  request.transfer().crc32 = pattern_crc32(*pattern, wanted);
  Response response =
      app::stream(request, generate_pattern(request, *pattern, {0, wanted}), wanted, kBinary);
  offer_as_file(request, response, "report", pattern_name(*pattern));
  co_return response;
}

}  // namespace wherry::transfer
