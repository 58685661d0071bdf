// SPDX-License-Identifier: MIT
#include "wherry/app/test_app.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "wherry/base/crc32.h"
#include "wherry/base/number.h"
#include "wherry/http/form_urlencoded.h"

namespace wherry::app {
namespace {

using coro::AsyncGenerator;
using coro::Generator;
using coro::Task;

constexpr std::string_view kDigits =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "456789";

Task<Response> hello(Request& request) { co_return text(request, "hello"); }

Task<Response> echo(Request& request) {
  const std::string_view content = co_await request.text();
  co_return text(request, content);
}

Task<Response> echo_json(Request& request) {
  const JsonView view = co_await request.json();
  const auto n = co_await view.unsigned_integer("n");
  co_return json(request, {{"n", n.value_or(0)}});
}

Task<Response> form(Request& request) {
  http::FormReader reader = co_await request.form();
  while (const auto pair = co_await reader.next()) {
    if (pair->name == "name") co_return text(request, pair->value);
  }
  co_return text(request, "none");
}

Task<Response> sink(Request& request) {
  std::array<std::byte, 100> buffer;
  while (true) {
    const Bytes chunk = co_await request.body().read(buffer);
    if (chunk.empty()) break;
  }
  co_return json(request, {{"size", request.body().received_bytes()}});
}

Task<Response> in_place(Request& request) {
  Crc32 crc;
  std::uint64_t size = 0;
  while (true) {
    const Bytes chunk = co_await request.body().next();
    if (chunk.empty()) break;
    crc.update(chunk);
    size += chunk.size();
  }
  co_return json(request, {{"size", size}, {"crc32", hex32(crc.value())}});
}

Task<Response> first(Request& request) {
  co_await request.body().next();
  co_return text(request, "first");
}

Task<Response> early(Request& request) { co_return text(request, "early"); }

Task<Response> query(Request& request) {
  const auto value = co_await request.query("q");
  co_return text(request, value.value_or("none"));
}

Task<Response> cookie(Request& request) {
  co_return text(request, request.cookie("c").value_or("none"));
}

Task<Response> fail(Request&, std::uint64_t error) { co_return static_cast<Error>(error); }

Task<Response> empty(Request& request, std::uint64_t status) {
  co_return Response(request, static_cast<std::uint16_t>(status));
}

Task<Response> file(Request& request, std::string_view name) { return send_file(request, name); }

Generator<Bytes> make(Request&, std::uint64_t size) {
  for (; size > kDigits.size(); size -= kDigits.size()) co_yield as_bytes(kDigits);
  co_yield as_bytes(kDigits.substr(0, static_cast<std::size_t>(size)));
}

AsyncGenerator<Bytes> make_slowly(Request& request, std::uint64_t size) {
  while (size > 0) {
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, kDigits.size()));
    co_await request.loop().sleep(1);
    co_yield as_bytes(kDigits.substr(0, part));
    size -= part;
  }
}

AsyncGenerator<Bytes> make_and_fail(Request& request) {
  co_yield as_bytes(kDigits.substr(0, 10));
  co_await request.loop().sleep(1);
  co_await Result<>(Error::disk_failed);
}

Generator<Bytes> make_words(Request&) {
  for (const std::string_view word : {"one", "", "two", "three"}) co_yield as_bytes(word);
}

AsyncGenerator<Bytes> make_words_slowly(Request& request) {
  for (const std::string_view word : {"one", "", "two", "three"}) {
    co_await request.loop().sleep(10);
    co_yield as_bytes(word);
  }
}

constexpr std::string_view kBinary = "application/octet-stream";

Task<Response> sync(Request& request, std::uint64_t size) {
  co_return stream(request, make(request, size), size, kBinary);
}
Task<Response> async(Request& request, std::uint64_t size) {
  co_return stream(request, make_slowly(request, size), size, kBinary);
}
Task<Response> chunks_sync(Request& request) {
  co_return stream(request, make_words(request), std::nullopt, "text/plain");
}
Task<Response> chunks_async(Request& request) {
  co_return stream(request, make_words_slowly(request), std::nullopt, "text/plain");
}
Task<Response> too_short(Request& request) {
  co_return stream(request, make(request, 10), 100, kBinary);
}
Task<Response> nothing(Request& request) {
  co_return stream(request, make_slowly(request, 0), 100, kBinary);
}
Task<Response> too_long(Request& request) {
  co_return stream(request, make(request, 100), 10, kBinary);
}
Task<Response> late_error(Request& request) {
  co_return stream(request, make_and_fail(request), 100, kBinary);
}

struct Frame {
  explicit Frame(bool* flag) noexcept : is_alive(flag) { *is_alive = true; }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  ~Frame() { *is_alive = false; }
  bool* is_alive;
};

Generator<Bytes> tell_whether(Request&, const bool* is_alive) {
  co_yield as_bytes(*is_alive ? "alive" : "gone");
}

Task<Response> outlived(Request& request) {
  bool* is_alive = request.scratch().make<bool>(false);
  if (is_alive == nullptr) co_return Error::no_memory;
  const Frame frame(is_alive);
  co_return stream(request, tell_whether(request, is_alive), std::nullopt, "text/plain");
}

Task<Response> bad_header(Request& request) {
  Response response = text(request, "split");
  response.header("X-Name", "a\r\nX-Other: b");
  co_return response;
}

Task<Response> bad_json(Request& request) { co_return json(request, {{"name", "\xFF"}}); }

Task<Response> huge_json(Request& request) {
  const auto memory = co_await request.scratch().text(request.limits().arena_bytes / 3);
  std::ranges::fill(memory, '\n');
  co_return json(request, {{"name", std::string_view(memory.data(), memory.size())}});
}

Task<Response> headers(Request& request) {
  Response response = text(request, "with headers");
  response.header("X-One", "1").header("X-Two", "");
  co_return response;
}

Task<Response> hungry(Request& request) {
  Response response(request, 200);
  response.lacks_memory();
  co_return response;
}

Task<Response> moved(Request& request) {
  Response response = text(request, "moved");
  const Response taken = std::move(response);
  co_return response;  // NOLINT: what is left of it
}

Task<Response> looked_at(Request& request) {
  Response response = text(request, "looked at");
  const auto* content = response.content();
  const bool is_whole = response.status() == 200 && response.size() == 9 && content != nullptr &&
                        response.first_field() == nullptr && response.head_memory().empty();
  // Where there was no memory for it, it is told as that.
  if (!is_whole && response.failure() == Error::none) co_return Error::internal;
  response.content(as_bytes(response.content_type()), "text/plain", response.content_type().size());
  co_return response;
}

constexpr Route kRoutes[] = {
    get<"/hello", hello>,
    post<"/echo", echo>,
    post<"/json", echo_json>,
    post<"/form", form>,
    put<"/sink", sink>,
    put<"/in-place", in_place>,
    put<"/first", first>,
    put<"/early", early>,
    get<"/query", query>,
    get<"/cookie", cookie>,
    get<"/fail/<int:error>", fail>,
    get<"/empty/<int:status>", empty>,
    get<"/file/<path:name>", file>,
    get<"/sync/<int:size>", sync>,
    get<"/async/<int:size>", async>,
    get<"/chunks/sync", chunks_sync>,
    get<"/chunks/async", chunks_async>,
    get<"/short", too_short>,
    get<"/nothing", nothing>,
    get<"/long", too_long>,
    get<"/late-error", late_error>,
    get<"/outlived", outlived>,
    get<"/bad-header", bad_header>,
    get<"/bad-json", bad_json>,
    get<"/huge-json", huge_json>,
    get<"/headers", headers>,
    get<"/hungry", hungry>,
    get<"/moved", moved>,
    get<"/looked-at", looked_at>,
};

Task<Response> own_not_found(Request& request, Error) { co_return text(request, "lost", 404); }
Task<Response> own_not_allowed(Request& request, Error) { co_return text(request, "no", 405); }
Task<Response> own_failure(Request&, Error) { co_return Error::disk_failed; }
Task<Response> own_busy(Request& request, Error error) {
  Response response = text(request, error == Error::busy ? "busy" : "memory", 503);
  response.header("Retry-After", "7");
  co_return response;
}

constexpr ErrorHandler kErrorHandlers[] = {
    on_error<404, own_not_found>,
    on_error<405, own_not_allowed>,
    on_error<500, own_failure>,
    on_error<503, own_busy>,
};

}  // namespace

constexpr App kTestApp{kRoutes};
constexpr App kTestAppWithErrors{kRoutes, kErrorHandlers};

}  // namespace wherry::app
