// SPDX-License-Identifier: MIT
#include "cli/client/fetcher.h"

#include "cli/client/digests.h"
#include "cli/client/format.h"
#include "cli/client/names.h"

namespace wherry::cli {

Fetcher::Fetcher(const GetOptions& options, Console& console, Exchanger& exchanger, std::string url)
    : options_(options), console_(console), exchanger_(exchanger), retry_(options.client) {
  result_.action = "get";
  result_.protocol = "range";
  result_.url = std::move(url);
}

TransferResult Fetcher::run() {
  const auto begun = Clock::now();
  if (choose_place()) {
    exchanger_.configure(
        {options_.client.fields, result_.url, options_.client.idle_timeout_ms, retry_.deadline()});
    const std::string error = part_.open(place_, result_.url);
    if (!error.empty()) {
      result_.fail(Exit::local_file, printable(error));
    } else {
      fetch();
    }
  }
  result_.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return result_;
}

bool Fetcher::choose_place() {
  const auto url = normal_url(result_.url);
  if (!url) {
    result_.fail(Exit::usage, "not a URL of HTTP");
    return false;
  }
  result_.url = *url;
  if (!options_.file.empty()) {
    place_ = options_.file;
  } else {
    const auto name = name_of_url(result_.url);
    // Only for the part; a name in Content-Disposition must come.
    place_ = options_.folder + "/" + name.value_or("download");
    if (place_.starts_with("./")) place_.erase(0, 2);
    may_be_renamed_ = true;
  }
  result_.file = place_;
  return true;
}

void Fetcher::fetch() {
  console_.begin_file(place_);
  shown_done_ = static_cast<std::int64_t>(part_.size());
  console_.add_present(shown_done_);  // from an earlier run
  show_done();
  while (true) {
    const Reply reply = attempt();
    result_.attempts = retry_.attempts();
    result_.status = reply.status();
    if (is_whole_by(reply)) {
      verify();
      if (result_.exit != Exit::mismatch || mismatched_) break;
      mismatched_ = true;  // what an earlier run had left may be damaged: once more, from the start
      if (result_.resumes == 0 || !restart("")) break;
      continue;
    }
    if (ends_with(reply)) break;
    if (!retry_.wait(reply)) {
      result_.fail(exit_of(reply), explain(reply));
      break;
    }
    const bool goes_on = part_.size() > 0 && !part_.validator().empty();
    console_.mention(printable(result_.url) + ": " + explain(reply) + "; trying again" +
                     (goes_on ? " from " + format_size(part_.size()) : ""));
  }
  if (result_.exit == Exit::mismatch) {
    part_.drop();
  } else if (!result_.is_done()) {
    part_.leave();
  }
}

Reply Fetcher::attempt() {
  Request request;
  request.url = result_.url;
  request.follows_redirects = true;
  request.sink = this;
  request.fields = {"Accept-Encoding: identity"};
  is_mixed_up_ = false;
  if (part_.size() > 0 && !part_.validator().empty()) {
    request.fields.push_back("Range: bytes=" + std::to_string(part_.size()) + "-");
    request.fields.push_back("If-Range: " + part_.validator());
  }
  const std::uint64_t before = part_.size();
  Reply reply = exchanger_.perform(request);
  result_.moved_bytes += reply.received_bytes;
  if (reply.received_bytes > 0 && part_.size() > before) retry_.progressed();
  return reply;
}

bool Fetcher::begin(const ReplyHead& head) {
  if (head.status == 206) return go_on_with(head);
  if (head.status == 200) return begin_anew(head);
  return false;
}

void Fetcher::read_head(const ReplyHead& head) {
  said_crc32_ = checksum_of(head);
  said_digest_ = head.field("Repr-Digest").value_or("");
  const auto disposition = head.field("Content-Disposition");
  const auto name =
      disposition && may_be_renamed_ ? name_of_disposition(*disposition) : std::nullopt;
  renamed_.reset();
  if (name) renamed_ = place_.substr(0, place_.rfind('/') + 1) + *name;
}

bool Fetcher::go_on_with(const ReplyHead& head) {
  const auto field = head.field("Content-Range");
  const auto range = field ? parse_content_range(*field) : std::nullopt;
  const auto tag = head.field("ETag");
  const bool is_next = range && range->first == part_.size() && part_.size() > 0;
  const bool is_same = !tag || !part_.validator().starts_with('"') || *tag == part_.validator();
  is_mixed_up_ = !is_next || !is_same;
  if (is_mixed_up_) return false;
  ++result_.resumes;
  read_head(head);
  total_ = range->total;
  show_done();
  return true;
}

bool Fetcher::begin_anew(const ReplyHead& head) {
  read_head(head);
  total_ = number_of(head, "Content-Length");
  if (!restart(strong_validator(head))) return false;
  show_done();
  return true;
}

bool Fetcher::restart(const std::string& validator) {
  if (part_.restart(validator)) return true;
  local_error_ = printable(place_) + ".part: " + system_error();
  return false;
}

bool Fetcher::write(Bytes bytes) {
  if (!part_.append(bytes)) {
    local_error_ = printable(place_) + ".part: " + system_error();
    return false;
  }
  show_done();
  return true;
}

void Fetcher::show_done() {
  const auto done = static_cast<std::int64_t>(part_.size());
  const auto total = static_cast<std::int64_t>(total_.value_or(0));
  console_.add_done(done - shown_done_);
  console_.add_total(total - shown_total_);
  shown_done_ = done;
  shown_total_ = total;
}

bool Fetcher::is_whole_by(const Reply& reply) {
  if (reply.failure != Failure::none || is_mixed_up_ || !local_error_.empty()) return false;
  if (reply.status() == 200 || reply.status() == 206) return !total_ || *total_ == part_.size();
  // All had been there: only its end had not been seen.
  const auto field = reply.head.field("Content-Range");
  return reply.status() == 416 && part_.size() > 0 && field &&
         parse_unsatisfied_range(*field) == part_.size() &&
         strong_validator(reply.head) == part_.validator();
}

bool Fetcher::ends_with(const Reply& reply) {
  if (!local_error_.empty()) {
    result_.fail(Exit::local_file, local_error_);
    return true;
  }
  const bool begins_anew = is_mixed_up_ || reply.status() == 416;
  if (reply.failure == Failure::none && begins_anew && part_.size() > 0) return !restart("");
  if (may_try_again(reply) || reply.has_status(200, 206)) return false;
  result_.fail(exit_of(reply), explain(reply));
  return true;
}

void Fetcher::verify() {
  result_.size = part_.size();
  result_.crc32 = part_.crc32();
  if (!said_crc32_ && said_digest_.empty() && !ask_digest()) return;
  const bool is_right = said_crc32_ ? *said_crc32_ == part_.crc32() : has_said_digest();
  if (!is_right) {
    result_.fail(Exit::mismatch, "what arrived is not what the server's checksum says");
    return;
  }
  finish();
}

/// A digest costs the server a reading of the file: asked for only where it knows no CRC-32.
/// Returns: whether there is one now; if not, the file is finished without.
bool Fetcher::ask_digest() {
  Request request;
  request.method = "HEAD";
  request.url = result_.url;
  request.follows_redirects = true;
  request.fields = {kWantDigest, "Accept-Encoding: identity"};
  // Without a validator nobody knows whether it is still the file that was fetched.
  if (!part_.validator().empty()) {
    Reply reply = exchanger_.perform(request);
    while (may_try_again(reply) && retry_.wait(reply)) reply = exchanger_.perform(request);
    if (reply.is_success() && strong_validator(reply.head) == part_.validator()) {
      said_crc32_ = checksum_of(reply.head);
      said_digest_ = reply.head.field("Repr-Digest").value_or("");
    }
  }
  if (said_crc32_ || !said_digest_.empty()) return true;
  finish();
  return false;
}

/// Whether the part is what the server's digest says, as far as that is known here.
bool Fetcher::has_said_digest() {
  LocalFile file;
  const bool is_open = file.open(place_ + ".part").empty();
  const auto is_right = is_open ? has_digest(file, said_digest_) : std::nullopt;
  if (!is_right) said_digest_.clear();  // nothing to compare with
  return is_right.value_or(true);
}

void Fetcher::finish() {
  // Only a name that the user has seen may take the place of a file.
  const bool is_own_name = !renamed_ || *renamed_ == place_;
  if (is_own_name && may_be_renamed_ && !name_of_url(result_.url)) {
    result_.fail(Exit::usage, "neither the URL nor the server says how to call it: use -o FILE");
    return part_.leave();
  }
  result_.file = renamed_.value_or(place_);
  const std::string error = part_.finish(result_.file, is_own_name);
  if (!error.empty()) {
    result_.fail(Exit::local_file, printable(error));
    return;
  }
  result_.exit = Exit::done;
  result_.error.clear();
  result_.is_verified = said_crc32_ || !said_digest_.empty();
}

}  // namespace wherry::cli
