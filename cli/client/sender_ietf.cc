// SPDX-License-Identifier: MIT
// Resumable uploads as the IETF's draft-ietf-httpbis-resumable-upload has them, interop version 8.
#include <algorithm>
#include <utility>

#include "cli/client/digests.h"
#include "cli/client/names.h"
#include "cli/client/sender.h"

namespace wherry::cli {
namespace {

constexpr std::string_view kVersion = "Upload-Draft-Interop-Version";

std::string complete_field(bool is_last) {
  return is_last ? "Upload-Complete: ?1" : "Upload-Complete: ?0";
}

std::optional<UploadLimit> limit_of(const ReplyHead& head) {
  const auto value = head.field("Upload-Limit");
  return value ? parse_upload_limit(*value) : std::nullopt;
}

}  // namespace

/// 104 (§5): where to go on, and within which limits (§4.1.4).
/// Returns: false: the request must not go on.
bool Sender::hear(const ReplyHead& interim) {
  if (interim.status != 104) return true;
  const auto version = interim.field(kVersion);
  if (!version || *version != "8") return true;  // what it means by this is not known
  hears_ = true;
  piece_.reset();
  if (const auto location = interim.field("Location")) {
    const auto url = resolve_url(shipment_.url, std::string(*location));
    if (url) upload_url_ = *url;
    result_.protocol = "ietf";
    note_.keep(upload_url_, result_.protocol);
  }
  return keep_to(limit_of(interim).value_or(UploadLimit{}));
}

/// Returns: whether what would be sent next is within `limit`.
bool Sender::keep_to(const UploadLimit& limit) {
  is_too_large_ = limit.max_size && *limit.max_size < file_.size();
  const bool is_too_long =
      limit.max_append_size && *limit.max_append_size > 0 && *limit.max_append_size < append_size();
  if (is_too_long) max_append_ = limit.max_append_size;
  if (limit.min_append_size) min_append_ = *limit.min_append_size;
  return !is_too_large_ && !is_too_long;
}

/// The last reply is to a creation with less than all, up to `offset_` (§4.2).
Sender::Next Sender::created_in_part() {
  const auto location = reply_.head.field("Location");
  const auto url = location ? resolve_url(shipment_.url, std::string(*location)) : std::nullopt;
  if (!url && !is_careful_) return fail(Exit::server, "the server does not say where to go on");
  if (!url) {  // it took the empty beginning for the whole: that follows at once
    is_careful_ = false;
    return Next::go_on;
  }
  upload_url_ = *url;
  result_.protocol = "ietf";
  note_.keep(upload_url_, result_.protocol);
  keep_to(limit_of(reply_.head).value_or(UploadLimit{}));
  if (is_too_large_) return give_up_upload();
  acknowledge(number_of(reply_.head, "Upload-Offset").value_or(offset_));
  step_ = Step::append;
  return Next::go_on;
}

/// What there is to go on with, after a cut before any 104: where interim replies do not arrive, as
/// behind a proxy that speaks HTTP/1.0, an upload is created first and then filled (§11.2).
Sender::Next Sender::ask() {
  constexpr unsigned kMaxUnanswered = 3;  // some servers have no reply to OPTIONS
  reply_ = ask_for_limits();
  const bool is_answered = reply_.failure == Failure::none;
  if (!is_answered && !may_try_again(reply_)) return fail();
  if (!is_answered && ++unanswered_ < kMaxUnanswered) return Next::retry;
  unanswered_ = 0;
  step_ = Step::create;
  if (!is_answered) return Next::go_on;
  has_asked_ = !may_try_again(reply_);
  const auto limit = limit_of(reply_.head);
  const auto version = reply_.head.field(kVersion);
  is_careful_ = reply_.is_success() && limit && version.value_or("8") == "8" &&
                limit->min_size.value_or(0) <= file_.size();
  if (is_careful_) {
    keep_to(*limit);
    return is_too_large_ ? give_up_upload() : Next::go_on;
  }
  if (finds_tus()) step_ = Step::tus_create;
  return Next::go_on;
}

/// OPTIONS of what the upload is to become (§4.1.4).
Reply Sender::ask_for_limits() {
  Request request;
  request.method = "OPTIONS";
  request.url = shipment_.url;
  request.fields = {"Upload-Draft-Interop-Version: 8"};
  return exchanger_.perform(request);
}

/// After a 413: whether a request with less may do (§4.1.4). An intermediary's limit is not told;
/// where the server itself takes parts, half as much is tried.
bool Sender::learn_limit() {
  auto limit = limit_of(reply_.head);
  if (!limit || !limit->max_append_size) limit = limit_of(ask_for_limits().head);
  if (!limit) return false;
  const std::uint64_t tried = append_size();
  keep_to(*limit);
  if (is_too_large_) return false;
  if (append_size() == tried) max_append_ = std::max(tried / 2, least_piece());
  return append_size() < tried;
}

/// After a cut: an intermediary that collects a request before it passes it on (nginx, where it is
/// not told otherwise) has lost all that it had. Of smaller requests something remains. Where a 104
/// came through at once there is none.
void Sender::fit_piece(std::uint64_t sent_bytes) {
  if (!hears_ && sent_bytes / 2 >= least_piece()) piece_ = sent_bytes / 2;
}

std::uint64_t Sender::least_piece() const noexcept {
  constexpr std::uint64_t kWorthARequest = 64 * 1024;
  return std::max(kWorthARequest, min_append_);
}

/// What no attempt can complete is cancelled (§4.5), so that it takes no space there.
Sender::Next Sender::give_up_upload() {
  if (!upload_url_.empty()) cancel_upload(upload_url_);
  return fail(Exit::refused, "it is larger than the server's limit for a file");
}

/// The server has nothing of the upload any more: unless it is complete, all is sent again.
Sender::Next Sender::begin_anew(Step from) {
  if (is_there()) return finish();
  step_ = from;
  // Where the upload was never to be reached, another one would not be either.
  if (offset_ == 0) is_careful_ = false;
  upload_url_.clear();
  note_.drop();
  offset_ = 0;
  was_cut_ = false;
  return std::exchange(is_taken_up_, false) ? Next::go_on : Next::retry;
}

/// Offset retrieval (§4.3).
Sender::Next Sender::resume() {
  Request request;
  request.method = "HEAD";
  request.url = upload_url_;
  request.fields = {"Upload-Draft-Interop-Version: 8"};
  reply_ = exchanger_.perform(request);
  if (reply_.has_status(307, 308)) return follow(upload_url_);
  if (may_try_again(reply_)) return Next::retry;
  if (reply_.failure != Failure::none) return fail();
  const auto offset = number_of(reply_.head, "Upload-Offset");
  if (!reply_.is_success() || !offset || *offset < offset_) return begin_anew(Step::create);
  if (*offset > file_.size()) return fail(Exit::server, "the server has more than there is");
  if (*offset == offset_) fit_piece(std::exchange(lost_bytes_, 0));
  acknowledge(*offset);
  catch_up();
  const auto complete = reply_.head.field("Upload-Complete");
  if (complete && parse_boolean(*complete) == true) {
    if (*offset != file_.size()) return fail(Exit::server, "the server takes a part for all");
    if (!checksum_of(reply_.head)) static_cast<void>(is_there());  // for what it can compare
    return finish();
  }
  step_ = Step::append;
  return Next::go_on;
}

/// Upload append (§4.4).
Sender::Next Sender::append() {
  const std::uint64_t size = append_size();
  const bool is_last = offset_ + size == file_.size();
  Request request;
  request.method = "PATCH";
  request.url = upload_url_;
  request.fields = {"Upload-Draft-Interop-Version: 8", complete_field(is_last),
                    "Upload-Offset: " + std::to_string(offset_),
                    "Content-Type: application/partial-upload"};
  if (is_last) request.fields.emplace_back(kWantDigest);
  request.on_interim = [this](const ReplyHead& interim) { return hear(interim); };
  go_on_after_cut();
  reply_ = exchange(std::move(request), size);
  const auto field = reply_.head.field("Upload-Complete");
  const auto is_complete = field ? parse_boolean(*field) : std::nullopt;
  if (reply_.is_success() && is_last && is_complete != false) return finish();
  if (reply_.is_success() && !is_last && is_complete != true) {
    acknowledge(number_of(reply_.head, "Upload-Offset").value_or(offset_ + size));
    if (piece_) *piece_ += *piece_ / 4;
    return Next::go_on;
  }
  if (is_too_large_) return give_up_upload();
  if (reply_.has_status(307, 308)) return follow(upload_url_);
  if (reply_.has_status(413, 413) && learn_limit()) return Next::go_on;
  // All was there, and what became of it did not please: sending it again changes nothing.
  if (reply_.failure == Failure::none && is_complete == true) return fail();
  if (reply_.has_status(404, 404) || reply_.has_status(410, 410)) return begin_anew(Step::create);
  step_ = Step::resume;
  if (reply_.failure == Failure::aborted) return Next::go_on;
  const bool may_repeat =
      may_try_again(reply_) || reply_.has_status(409, 409) || reply_.is_success();
  was_cut_ = true;
  lost_bytes_ = reply_.sent_bytes;
  return may_repeat ? Next::retry : fail();
}

}  // namespace wherry::cli
