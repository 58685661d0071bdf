// SPDX-License-Identifier: MIT
// Report: one request while it is answered: how far it is, for who watches, and its record for the
// log when it is over: also when it is ended from outside, by a server that shuts down.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "wherry/app/session.h"

namespace wherry::app {

class Report {
 public:
  /// Lifetime: all outlive the report; the session leads to it while it is there.
  Report(Session& session, Request& request, Arrival& arrival) noexcept
      : session_(&session),
        request_(&request),
        arrival_(&arrival),
        sent_before_(session.connection->sent_bytes()) {
    session.report = this;
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  ~Report() {
    tell(0, content_sent(), Error::cancelled);
    session_->report = nullptr;
  }

  /// What the reply is, once that is known, and the bytes of its head.
  /// Lifetime: that of the report.
  void replies(const Response& response, std::size_t head_bytes) noexcept {
    response_ = &response;
    head_bytes_ = static_cast<std::uint32_t>(head_bytes);
  }

  /// What the connection has taken since the request began.
  std::uint64_t sent_bytes() const noexcept {
    return session_->connection->sent_bytes() - sent_before_;
  }

  /// Only the first time counts.
  void tell(std::uint16_t status, std::uint64_t sent, Error outcome) noexcept;

  /// Someone else tells.
  Error leave_to_refusal(Error error) noexcept {
    is_told_ = true;
    return error;
  }

  // For who watches.
  bool is_watching() const noexcept { return request_->transfer().is_watching; }
  std::uint32_t id() const noexcept { return arrival_->id; }
  void set_id(std::uint32_t id) noexcept { arrival_->id = id; }
  std::string_view method() const noexcept { return request_->method_text(); }
  std::string_view path() const noexcept { return request_->head().target(); }
  std::uint64_t duration_ms() const noexcept {
    return session_->loop().uptime_ms() - arrival_->started_ms;
  }
  /// Bytes of content, both as far as is known now.
  std::optional<std::uint64_t> announced_size() const noexcept;
  std::uint64_t bytes() const noexcept;
  /// Bytes a second since the request came.
  std::uint64_t rate() const noexcept;

 private:
  /// What has been sent, without the head.
  std::uint64_t content_sent() const noexcept {
    const std::uint64_t sent = sent_bytes();
    return sent - std::min<std::uint64_t>(sent, head_bytes_);
  }

  Session* session_;
  Request* request_;
  Arrival* arrival_;
  const Response* response_ = nullptr;
  std::uint64_t sent_before_;
  std::uint32_t head_bytes_ = 0;
  bool is_told_ = false;
};

}  // namespace wherry::app
