// SPDX-License-Identifier: MIT
// One request and its reply, over libcurl: the only file of the client that knows how bytes come
// and go.
// Knows no command and no retry. Must not decide what a status means.
// Keeps: memory does not grow with a body; a body that comes in goes to its sink or, bounded, into
// the reply; the clock of idleness runs on bytes in either direction.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/client/field.h"
#include "wherry/base/bytes.h"

namespace wherry::cli {

using Clock = std::chrono::steady_clock;

/// Where the body of a request comes from.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual std::uint64_t size() const = 0;
  /// Returns: how many bytes of `into` were filled, 0 at the end; nothing: they cannot be read.
  virtual std::optional<std::size_t> read(std::span<char> into) = 0;
  /// Goes back to `offset` of the body: the request is sent again on another connection.
  virtual bool seek(std::uint64_t offset) = 0;
};

/// Where the body of a reply goes.
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// The final head, before the first byte, once.
  /// Returns: whether the body is wanted here; if not, the reply keeps its beginning.
  virtual bool begin(const ReplyHead& head) = 0;
  /// Returns: false: it cannot be written, and the exchange ends as Failure::local.
  virtual bool write(Bytes bytes) = 0;
};

enum class Failure : std::uint8_t {
  none,         // there is a final reply
  network,      // no connection, or it was cut: another attempt may help
  timed_out,    // idle for too long: likewise
  deadline,     // the time for all attempts has run out
  unsupported,  // no attempt helps: a URL, certificate or protocol that libcurl rejects
  local,        // a source or sink of this side failed
  aborted,      // on_interim said so
  cancelled     // a signal
};

struct Request {
  std::string method = "GET";
  std::string url;
  std::vector<std::string> fields;  // "Name: value"
  BodySource* body = nullptr;
  BodySink* sink = nullptr;
  bool follows_redirects = false;
  bool ignores_signals = false;  // it gives back what would else stay
  /// For each 1xx but 101. Returns: false: end the exchange (Failure::aborted).
  std::function<bool(const ReplyHead&)> on_interim = nullptr;
  /// Bytes of the body so far: sent, received.
  std::function<void(std::uint64_t, std::uint64_t)> on_progress = nullptr;
};

/// Where the time of an exchange went, in seconds from its beginning.
struct Timing {
  double resolved = 0;
  double connected = 0;
  double secured = 0;     // 0: no TLS
  double first_byte = 0;  // of the reply
  double total = 0;
};

struct Reply {
  Failure failure = Failure::none;
  std::string what;  // of a failure: a sentence
  ReplyHead head;
  std::string body;                  // its beginning, up to kMaxKeptBody, where no sink took it
  std::string url;                   // the last, after redirects
  std::uint64_t sent_bytes = 0;      // of the request's body, over all attempts of libcurl
  std::uint64_t received_bytes = 0;  // of the reply's body
  Timing timing;

  int status() const noexcept { return head.status; }
  bool has_status(int from, int to) const noexcept {
    return failure == Failure::none && head.status >= from && head.status <= to;
  }
  bool is_success() const noexcept { return has_status(200, 299); }
};

/// Enough for a page of a listing; what is longer is cut.
inline constexpr std::size_t kMaxKeptBody = 8 * 1024 * 1024;

/// What the kernel knows of a connection.
struct LinkFacts {
  std::uint32_t retransmits = 0;
  double round_trip_s = 0;  // smoothed
};

/// What all exchanges about one file share.
struct ExchangeOptions {
  std::vector<std::string> fields;  // of the user: for `origin` alone
  std::string origin;               // a URL
  std::uint32_t idle_timeout_ms = 60'000;
  std::optional<Clock::time_point> deadline = std::nullopt;
};

/// A client with one connection at a time, kept between exchanges with one server.
/// Of one thread. Needs curl_global_init before the first.
class Exchanger {
 public:
  Exchanger();
  ~Exchanger();
  Exchanger(const Exchanger&) = delete;
  Exchanger& operator=(const Exchanger&) = delete;

  /// What holds for the exchanges from now on.
  void configure(ExchangeOptions options) { options_ = std::move(options); }
  Reply perform(const Request& request);

  /// Returns: of the connection of the last exchange; nothing where the kernel does not tell.
  std::optional<LinkFacts> link() const noexcept { return link_; }
  /// Ends the kept connection, so that the next exchange makes one of its own.
  void disconnect();

 private:
  class Running;

  void measure_link(int socket) noexcept;

  ExchangeOptions options_;
  void* curl_;
  std::optional<LinkFacts> link_;
  bool wants_fresh_ = false;
};

/// Returns: "the connection was cut (…)", or the server's own words about its status: what a person
/// needs to know.
std::string explain(const Reply& reply);

}  // namespace wherry::cli
