// SPDX-License-Identifier: MIT
// echo_server FOLDER PORT: says what it saw of each request, whatever its method and path, as JSON:
//
//     {"method":"PUT","target":"/a","version":"1.1","fields":[["Host","h"]],"size":5,
//      "crc32":"3610a686"}
//
// /unread is answered before its body has been read, which is then taken to be empty.
//
// Bytes that JSON or a reader might take for something else stand as %XX. node_echo.js says the
// same in the same bytes, so that even the length of a reply to HEAD can be compared.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "examples/run_on_linux.h"
#include "wherry/wherry.h"

using namespace wherry;

namespace {

void append_escaped(std::string& json, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F || c == '"' || c == '\\' || c == '%') {
      json += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      json += c;
    }
  }
  json += '"';
}

std::string describe_head(const http::RequestHead& head) {
  std::string json = "{\"method\":";
  append_escaped(json, head.method_text());
  json += ",\"target\":";
  append_escaped(json, head.target());
  json += head.version_minor() == 0 ? ",\"version\":\"1.0\"" : ",\"version\":\"1.1\"";
  json += ",\"fields\":[";
  bool is_first = true;
  for (const http::Field field : head.fields()) {
    if (!std::exchange(is_first, false)) json += ',';
    json += '[';
    append_escaped(json, field.name);
    json += ',';
    append_escaped(json, field.value);
    json += ']';
  }
  return json + "]";
}

Task<Response> echo(Request& request) {
  std::array<std::byte, 1024> buffer;
  Crc32 crc;
  std::uint64_t size = 0;
  bool is_read = request.path() == "/unread";
  while (!is_read) {
    const Bytes chunk = co_await request.body().read(buffer);
    is_read = chunk.empty();
    crc.update(chunk);
    size += chunk.size();
  }
  std::string json = describe_head(request.head());
  json += ",\"size\":" + std::to_string(size) + ",\"crc32\":\"";
  json += hex32(crc.value()).view().substr(2);
  json += "\"}";
  const auto kept = co_await request.scratch().text(json.size());  // until the reply has been sent
  std::ranges::copy(json, kept.begin());
  co_return bytes(request, as_bytes(std::string_view(kept.data(), kept.size())),
                  "application/json");
}

Task<Response> call(Request& request, const app::PathParameters&) { return echo(request); }

// Two rows a method: the root, and what lies below it.
constexpr auto kRoutes = [] {
  constexpr auto kMethodCount = static_cast<std::size_t>(http::Method::other) + 1;
  std::array<Route, 2 * kMethodCount> routes{};
  for (std::size_t i = 0; i < kMethodCount; ++i) {
    const auto method = static_cast<http::Method>(i);
    routes[2 * i] = Route{method, "/", call};
    routes[2 * i + 1] = Route{method, "/<path:rest>", call};
  }
  return routes;
}();

}  // namespace

int main(int argc, char** argv) {
  Limits limits;
  limits.max_connections = 512;
  limits.arena_bytes = 128 * 1024;  // a head of full size, each byte of it escaped
  const char* folder = argc > 1 ? argv[1] : ".";
  const int port = argc > 2 ? std::atoi(argv[2]) : 8000;
  return run_on_linux({kRoutes}, limits, folder, "127.0.0.1", static_cast<std::uint16_t>(port));
}
