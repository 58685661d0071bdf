// SPDX-License-Identifier: MIT
// Request: what a handler knows of the request that it answers, and what it may use to do so.
//
// Every view that it gives points into request memory: valid until the response has been sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/body.h"
#include "wherry/app/claims.h"
#include "wherry/app/json_view.h"
#include "wherry/app/limits.h"
#include "wherry/app/scratch.h"
#include "wherry/base/status.h"
#include "wherry/coro/context.h"
#include "wherry/coro/task.h"
#include "wherry/http/form_urlencoded.h"
#include "wherry/http/request_head.h"
#include "wherry/http/target.h"
#include "wherry/net/net.h"
#include "wherry/storage/storage.h"

namespace wherry::app {

/// What is reported of a request when it has been answered. Handlers add what they know.
struct Transfer {
  bool is_upload = false;              // what counts is the request's body, not the reply's
  std::optional<std::uint64_t> size;   // bytes of content, where that is not the body's size
  std::optional<std::uint32_t> crc32;  // of these bytes, where it is known
  bool is_watching = false;            // it looks at the others: they are not told of it
};

/// A field of a reply, of constants.
struct ConstantField {
  std::string_view name;
  std::string_view value;
};

class Cors;
class Monitor;

class Request {
 public:
  /// What a server lends to all its requests.
  struct Services {
    storage::Storage* storage;
    net::Loop* loop;
    const Limits* limits;
    Claims* claims;
    const StatusSource* status = nullptr;  // may be nullptr
    Monitor* monitor = nullptr;            // may be nullptr
    const Cors* cors = nullptr;            // may be nullptr
    std::uint16_t added_head_bytes = 0;    // of each reply's head, beside what the reply says
  };

  Request(coro::Context& context, net::Connection& connection, Input& input,
          const Services& services, const http::RequestHead& head, http::Target target,
          http::BodyFraming framing, bool expects_continue) noexcept;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  http::Method method() const noexcept { return head_.method(); }
  std::string_view method_text() const noexcept { return head_.method_text(); }

  /// The path as sent, not decoded. (Handlers get its variable parts decoded, as parameters.)
  std::string_view path() const noexcept { return target_.path; }

  /// The query as sent, not decoded, without its `?`; empty: none, or an empty one.
  std::string_view query_text() const noexcept { return target_.query; }

  /// Returns: the decoded value of the first query parameter of that name; none when absent.
  /// Errors: bad_request (a bad escape), no_memory.
  Result<std::optional<std::string_view>> query(std::string_view name) noexcept;

  /// Returns: all parameters of the query, decoded one by one as those of a form are: for names
  /// that come several times.  Errors: no_memory.
  Result<http::FormReader> query_fields() noexcept;

  /// Returns: the value of the first header field of that name (any case), none when absent.
  std::optional<std::string_view> header(std::string_view name) const noexcept {
    return head_.find(name);
  }
  std::optional<std::string_view> header(const char* name) const noexcept {
    return head_.find(name);
  }
  std::optional<std::string_view> cookie(std::string_view name) const noexcept;
  const http::RequestHead& head() const noexcept { return head_; }

  /// "192.0.2.7:51234"; empty where there is no memory for it.
  std::string_view peer() noexcept;

  /// The length of the body that the client declared, none when it is sent in chunks.
  std::optional<std::uint64_t> content_length() const noexcept { return body_.content_length(); }

  /// Sends the head of an interim response (1xx), in front of the one that the handler returns. To
  /// clients that speak HTTP/1.1 alone (head().version_minor()).
  /// Errors: those of Sink::write.  Lifetime: `head` outlives the await.  Source: RFC 9110 §15.2.
  [[nodiscard]] coro::Sink::Write interim(Bytes head) noexcept { return connection_->write(head); }

  /// The body as a stream, to be read to its end or not at all.
  Body& body() noexcept { return body_; }

  /// The whole body.  Errors: content_too_large (limits.max_body_length); those of Body::read.
  /// Memory: max_body_length + 1 of the arena at the most.
  coro::Task<std::string_view> text();

  /// The whole body as a JSON object.  Errors: bad_json; as text().
  coro::Task<JsonView> json();

  /// The whole body as an urlencoded form (http/form_urlencoded.h reads it further).
  /// Errors: unsupported_media_type; as text().
  coro::Task<http::FormReader> form();

  storage::Storage& storage() const noexcept { return *services_->storage; }
  net::Loop& loop() const noexcept { return *services_->loop; }
  const Limits& limits() const noexcept { return *services_->limits; }
  /// What the server and its machine tell of themselves; nullptr: nothing.
  const StatusSource* status() const noexcept { return services_->status; }
  /// What the server knows of its other requests (app/monitor.h); nullptr: nothing.
  Monitor* monitor() const noexcept { return services_->monitor; }
  Claims& claims() const noexcept { return *services_->claims; }
  const Services& services() const noexcept { return *services_; }
  /// The methods that the routes have for this path, as allow_value() takes them (app/router.h).
  std::uint16_t allowed_methods() const noexcept { return allowed_methods_; }
  void set_allowed_methods(std::uint16_t methods) noexcept { allowed_methods_ = methods; }
  /// A field that each response has which is made from here on, also one to an error; nullptr:
  /// none. Lifetime: for ever.
  void set_common_field(const ConstantField* field) noexcept { common_field_ = field; }
  const ConstantField* common_field() const noexcept { return common_field_; }

  /// Of a file that it asks for, for a handler that has done nothing else before it opens that:
  /// `round` as long as nobody can know more recent things than the loop's present round does.
  storage::Freshness freshness() const noexcept { return freshness_; }
  void set_freshness(storage::Freshness freshness) noexcept { freshness_ = freshness; }

  Scratch& scratch() noexcept { return scratch_; }
  Transfer& transfer() noexcept { return transfer_; }
  coro::Context& context() noexcept { return *context_; }

 private:
  coro::Context* context_;
  net::Connection* connection_;
  const Services* services_;
  const ConstantField* common_field_ = nullptr;
  http::RequestHead head_;
  http::Target target_;
  std::uint16_t allowed_methods_ = 0;
  storage::Freshness freshness_ = storage::Freshness::now;
  Scratch scratch_;
  Body body_;
  Transfer transfer_;
};

}  // namespace wherry::app
