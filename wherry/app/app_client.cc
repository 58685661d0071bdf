// SPDX-License-Identifier: MIT
#include "wherry/app/app_client.h"

#include <algorithm>
#include <stdexcept>

#include "wherry/app/test_client.h"
#include "wherry/base/ascii.h"
#include "wherry/http/date.h"

namespace wherry::app {
namespace {

Limits for_one_client(Limits limits) {
  limits.max_connections = std::min<std::uint32_t>(limits.max_connections, 1);
  limits.max_refusals = 1;
  return limits;
}

/// Takes what stands before the next `separator`, or all, off `rest`, which stands behind it then.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return trim_ows(part);
}

/// Whether the attributes of a Set-Cookie say that the cookie is to be forgotten.  Max-Age has
/// precedence over Expires.  Source: RFC 6265 §5.3.
bool is_over(std::string_view attributes, std::int64_t now_s) {
  bool has_expired = false;
  while (!attributes.empty()) {
    std::string_view value = take_part(attributes, ';');
    const std::string_view name = take_part(value, '=');
    if (equals_ignoring_case(name, "Max-Age")) return value == "0" || value.starts_with('-');
    if (equals_ignoring_case(name, "Expires")) {
      const auto date = http::parse_http_date(value, now_s);
      has_expired = date && *date <= now_s;
    }
  }
  return has_expired;
}

}  // namespace

TestClient::TestClient(const App& app, Limits limits)
    : server_(std::make_unique<TestServer>(app, for_one_client(limits))) {}

TestClient::~TestClient() = default;

Reply TestClient::get(std::string_view target, const HeaderFields& fields) {
  return request("GET", target, std::nullopt, fields);
}
Reply TestClient::head(std::string_view target, const HeaderFields& fields) {
  return request("HEAD", target, std::nullopt, fields);
}
Reply TestClient::options(std::string_view target, const HeaderFields& fields) {
  return request("OPTIONS", target, std::nullopt, fields);
}
Reply TestClient::delete_(std::string_view target, const HeaderFields& fields) {
  return request("DELETE", target, std::nullopt, fields);
}
Reply TestClient::put(std::string_view target, std::string_view body, const HeaderFields& fields) {
  return request("PUT", target, body, fields);
}
Reply TestClient::post(std::string_view target, std::string_view body, const HeaderFields& fields) {
  return request("POST", target, body, fields);
}
Reply TestClient::patch(std::string_view target, std::string_view body,
                        const HeaderFields& fields) {
  return request("PATCH", target, body, fields);
}

Reply TestClient::request(std::string_view method, std::string_view target,
                          std::optional<std::string_view> body, const HeaderFields& fields) {
  std::string lines;
  for (const auto& [name, value] : cookies_) {
    lines.append(lines.empty() ? "Cookie: " : "; ").append(name).append("=").append(value);
  }
  if (!lines.empty()) lines += "\r\n";
  for (const auto& [name, value] : fields) {
    lines.append(name).append(": ").append(value).append("\r\n");
  }
  net::sim::SimPeer& peer = server_->connect();
  set_storage_clock();
  peer.send(request_text(method, target, lines, body));
  peer.finish_sending();
  net::sim::SimLoop& loop = server_->world.network.loop();
  const bool has_ended = loop.run_until(
      [&peer] { return peer.is_closed() && (peer.has_seen_end() || peer.was_reset()); },
      patience_ms_);
  if (peer.was_reset()) throw std::runtime_error("the server broke the connection off");
  if (!has_ended) {
    peer.reset();
    loop.run_until([&peer] { return peer.is_closed(); });
  }
  std::vector<Reply> replies =
      read_replies(peer.received(), {std::string(method)}, peer.has_seen_end());
  std::erase_if(replies, [](const Reply& reply) { return reply.status < 200; });
  if (replies.size() != 1) throw std::runtime_error("not one reply: " + statuses(replies));
  keep_cookies(replies[0]);
  return std::move(replies[0]);
}

void TestClient::keep_cookies(const Reply& reply) {
  const std::int64_t now_s = server_->world.network.loop().unix_time_s().value_or(0);
  for (const std::string& text : reply.all("Set-Cookie")) {
    std::string_view attributes = text;
    std::string_view value = take_part(attributes, ';');
    const std::string name(take_part(value, '='));
    if (is_over(attributes, now_s)) {
      cookies_.erase(name);
    } else {
      cookies_[name] = trim_ows(value);
    }
  }
}

void TestClient::set_storage_clock() {
  server_->world.storage.set_clock(server_->world.network.loop().unix_time_s());
}

void TestClient::store(std::string_view path, std::string_view content) {
  set_storage_clock();
  server_->world.store(path, content);
}

std::optional<std::string> TestClient::stored(std::string_view path) {
  return server_->world.stored(path);
}

void TestClient::allow_origins(const Cors& cors) { server_->server->allow_origins(cors); }

}  // namespace wherry::app
