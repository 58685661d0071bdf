// SPDX-License-Identifier: MIT
#include "cli/client/sender.h"

#include <algorithm>
#include <utility>

#include "cli/client/digests.h"
#include "cli/client/format.h"
#include "cli/client/json.h"
#include "cli/client/names.h"
#include "wherry/base/number.h"

namespace wherry::cli {
namespace {

/// A piece of a file, as the body of a request.
class FileBody final : public BodySource {
 public:
  FileBody(const LocalFile& file, SentChecksum& sent, std::uint64_t begin, std::uint64_t size)
      : file_(file), sent_(sent), begin_(begin), size_(size) {}

  std::uint64_t size() const override { return size_; }

  std::optional<std::size_t> read(std::span<char> into) override {
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - offset_));
    if (wanted == 0) return 0;
    const auto count = file_.read(begin_ + offset_, into.first(wanted));
    if (!count || *count == 0) return std::nullopt;  // it is shorter than it was
    sent_.update(begin_ + offset_, as_bytes(std::string_view(into.data(), *count)));
    offset_ += *count;
    return count;
  }

  bool seek(std::uint64_t offset) override {
    offset_ = std::min(offset, size_);
    return offset <= size_;
  }

 private:
  const LocalFile& file_;
  SentChecksum& sent_;
  std::uint64_t begin_;
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
};

}  // namespace

std::optional<bool> TusServers::speaks(const std::string& url) {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(url);
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

void TusServers::remember(const std::string& url, bool speaks) {
  const std::lock_guard lock(mutex_);
  known_[url] = speaks;
}

void SentChecksum::update(std::uint64_t offset, Bytes bytes) noexcept {
  const std::uint64_t known =
      std::min<std::uint64_t>(seen_bytes_ - std::min(seen_bytes_, offset), bytes.size());
  if (offset > seen_bytes_) return;  // a gap: value() will tell
  const Bytes fresh = bytes.subspan(static_cast<std::size_t>(known));
  crc_.update(fresh);
  seen_bytes_ += fresh.size();
}

std::optional<std::uint32_t> SentChecksum::value(std::uint64_t size) const noexcept {
  if (seen_bytes_ != size) return std::nullopt;
  return crc_.value();
}

Sender::Sender(const ClientOptions& options, Console& console, Exchanger& exchanger,
               TusServers& tus, const UploadNotes& notes, Shipment shipment)
    : options_(options),
      console_(console),
      exchanger_(exchanger),
      tus_(tus),
      notes_(notes),
      shipment_(std::move(shipment)),
      retry_(options) {
  result_.action = "put";
  result_.protocol = "put";
  result_.file = shipment_.file;
  result_.url = shipment_.url;
}

TransferResult Sender::run() {
  const auto begun = Clock::now();
  exchanger_.configure(
      {options_.fields, shipment_.url, options_.idle_timeout_ms, retry_.deadline()});
  const std::string error = file_.open(shipment_.file);
  if (!error.empty()) {
    fail(Exit::local_file, error);
    return result_;
  }
  result_.size = file_.size();
  console_.begin_file("reading " + shipment_.file);
  if (!shipment_.read_once && !shipment_.crc32) {
    shipment_.crc32 = file_.crc32();
    if (!shipment_.crc32) {
      fail(Exit::local_file, "it cannot be read to its end");
      return result_;
    }
  }
  console_.begin_file(shipment_.file);
  if (tus_.speaks(folder_of_url(shipment_.url)).value_or(false)) step_ = Step::tus_create;
  take_up();
  send();
  settle_note();
  correct(result_.is_done() ? result_.size : 0);
  result_.attempts = retry_.attempts();
  result_.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return result_;
}

void Sender::send() {
  while (true) {
    const Next next = take_step();
    result_.status = reply_.status();
    if (next == Next::end) return;
    if (next == Next::go_on) continue;
    if (!retry_.wait(reply_)) {
      fail();
      return;
    }
    console_.mention(printable(shipment_.file) + ": " + explain(reply_) + "; trying again");
  }
}

Sender::Next Sender::take_step() {
  switch (step_) {
    case Step::create:
      return create();
    case Step::ask:
      return ask();
    case Step::resume:
      return resume();
    case Step::append:
      return append();
    case Step::tus_create:
      return tus_create();
    case Step::tus_resume:
      return tus_resume();
    case Step::tus_append:
      return tus_append();
  }
  return Next::end;
}

/// A request whose body is the file from `offset_` on, or up to `size` bytes of it.
Reply Sender::exchange(Request request, std::uint64_t size) {
  correct(offset_);
  FileBody body(file_, sent_, offset_, size);
  request.body = &body;
  request.on_progress = [this](std::uint64_t sent, std::uint64_t) { show(offset_ + sent); };
  Reply reply = exchanger_.perform(request);
  result_.moved_bytes += reply.sent_bytes;
  const std::uint64_t end = offset_ + std::min(reply.sent_bytes, size);
  const std::uint64_t fresh = end - std::min(end, std::max(offset_, sent_end_));
  result_.again_bytes += reply.sent_bytes - fresh;
  sent_end_ = std::max(sent_end_, end);
  return reply;
}

void Sender::acknowledge(std::uint64_t offset) {
  if (offset > offset_) retry_.progressed();
  offset_ = offset;
  correct(offset);
}

/// The next append goes on where another ended.
void Sender::go_on_after_cut() {
  if (!std::exchange(was_cut_, false)) return;
  ++result_.resumes;
  if (offset_ == 0) return;
  const bool is_of_earlier_run = sent_end_ == 0;
  console_.mention(printable(shipment_.file) + ": going on from " + format_size(offset_) +
                   (is_of_earlier_run ? ", where an earlier run has ended" : ""));
}

void Sender::show(std::uint64_t done) {
  console_.add_done(static_cast<std::int64_t>(done) - shown_);
  shown_ = static_cast<std::int64_t>(done);
}

/// What was shown is not what there is.
void Sender::correct(std::uint64_t done) {
  console_.add_present(static_cast<std::int64_t>(done) - shown_);
  shown_ = static_cast<std::int64_t>(done);
}

std::uint64_t Sender::append_size() const noexcept {
  const std::uint64_t rest = file_.size() - offset_;
  return std::min({rest, max_append_.value_or(rest), piece_.value_or(rest)});
}

Sender::Next Sender::fail(Exit exit, std::string sentence) {
  result_.fail(exit, std::move(sentence));
  return Next::end;
}

/// By the last reply.
Sender::Next Sender::fail() {
  if (!file_.is_unchanged()) return fail(Exit::local_file, "it was changed while it was sent");
  if (reply_.failure == Failure::local) return fail(Exit::local_file, "it cannot be read");
  // What the server compared with is what was sent with the request.
  const bool is_mismatch = reply_.has_status(422, 422) && json_text(reply_.body, "algorithm");
  std::string sentence = explain(reply_);
  // What who names a server and no more finds out first.
  const bool is_in_root = path_of_url(folder_of_url(shipment_.url)) == "/";
  if (is_in_root && reply_.has_status(404, 405)) sentence += "; Wherry has files below /files/";
  return fail(is_mismatch ? Exit::mismatch : exit_of(reply_), std::move(sentence));
}

Sender::Next Sender::create() {
  upload_url_.clear();
  offset_ = 0;
  const std::uint64_t size = is_careful_ ? 0 : append_size();
  const bool is_whole = size == file_.size();
  Request request;
  request.method = "PUT";
  request.url = shipment_.url;
  request.fields = shipment_.conditions;
  request.fields.emplace_back("Upload-Draft-Interop-Version: 8");
  request.fields.emplace_back(is_whole ? "Upload-Complete: ?1" : "Upload-Complete: ?0");
  if (!is_whole) request.fields.push_back("Upload-Length: " + std::to_string(file_.size()));
  if (shipment_.crc32) {
    request.fields.push_back("X-Checksum-CRC32: " + std::string(hex32(*shipment_.crc32).view()));
  }
  request.fields.emplace_back(kWantDigest);
  request.on_interim = [this](const ReplyHead& interim) { return hear(interim); };
  reply_ = exchange(std::move(request), size);
  if (reply_.is_success() && is_whole) return finish();
  if (reply_.is_success()) {
    offset_ = size;
    return created_in_part();
  }
  return not_created(!upload_url_.empty());
}

Sender::Next Sender::not_created(bool was_resumable) {
  if (is_too_large_) return give_up_upload();
  if (reply_.failure == Failure::aborted) {  // in pieces, then
    step_ = Step::resume;
    return Next::go_on;
  }
  if (reply_.has_status(307, 308)) return follow(shipment_.url);
  if (reply_.has_status(413, 413) && learn_limit()) return Next::go_on;
  const bool may_repeat = may_try_again(reply_);
  if (was_resumable && may_repeat) {
    step_ = Step::resume;
    was_cut_ = true;
    return Next::retry;
  }
  const bool was_repeated = retry_.attempts() > 1 && reply_.has_status(412, 412);
  const bool was_all_sent = reply_.failure != Failure::none && reply_.sent_bytes == file_.size();
  if ((was_repeated || was_all_sent) && is_there()) return finish();
  const bool knows_no_put = reply_.has_status(404, 405) || reply_.has_status(501, 501);
  if (knows_no_put && !was_resumable && finds_tus()) {
    step_ = Step::tus_create;
    return Next::go_on;
  }
  if (may_repeat && reply_.sent_bytes > 0 && !has_asked_) step_ = Step::ask;
  return may_repeat ? Next::retry : fail();
}

Sender::Next Sender::follow(std::string& url) {
  constexpr unsigned kMaxRedirects = 5;
  const auto location = reply_.head.field("Location");
  const auto target = location ? resolve_url(url, std::string(*location)) : std::nullopt;
  if (!target || ++redirects_ > kMaxRedirects) return fail();
  url = *target;
  return Next::go_on;
}

/// Whether the file stands under its URL: the reply that would have said so may have been lost.
bool Sender::is_there() {
  const auto crc32 = shipment_.crc32 ? shipment_.crc32 : sent_.value(file_.size());
  Request request;
  request.method = "HEAD";
  request.url = shipment_.url;
  request.fields = {kWantDigest};
  const Reply found = exchanger_.perform(request);
  if (!found.is_success() || !crc32 || !number_of(found.head, "Content-Length")) return false;
  if (!is_same_by(found.head, file_, *crc32).value_or(false)) return false;
  reply_ = found;
  return true;
}

/// The last reply says that all is there.
Sender::Next Sender::finish() {
  result_.exit = Exit::done;
  result_.status = reply_.status();
  const auto sent = sent_.value(file_.size());
  result_.crc32 = shipment_.crc32 ? shipment_.crc32 : sent;
  const bool is_as_read = !shipment_.crc32 || !sent || *sent == *shipment_.crc32;
  if (!file_.is_unchanged() || !is_as_read) {
    return fail(Exit::local_file, "it was changed while it was sent");
  }
  check();
  return Next::end;
}

void Sender::check() {
  auto theirs = checksum_of(reply_.head);
  if (const auto text = json_text(reply_.body, "crc32")) {
    const auto number = parse_hex32(*text);
    if (number) theirs = *number;
  }
  if (!theirs || !result_.crc32) return check_digest();
  result_.is_verified = *theirs == *result_.crc32;
  if (result_.is_verified) return;
  fail(Exit::mismatch, "the server has CRC-32 " + std::string(hex32(*theirs).view()) +
                           ", the file has " + std::string(hex32(*result_.crc32).view()));
}

/// By the Repr-Digest that was asked for.
void Sender::check_digest() {
  const auto field = reply_.head.field("Repr-Digest");
  const auto is_same = field ? has_digest(file_, *field) : std::nullopt;
  if (!is_same) return;
  result_.is_verified = *is_same;
  // A reply that tells how it went may have a digest of its own content (RFC 9530, B.9).
  const bool is_of_reply =
      !reply_.body.empty() && has_digest(as_bytes(reply_.body), *field) == true;
  if (*is_same || is_of_reply) return;
  fail(Exit::mismatch, "the Repr-Digest that the server tells is not that of the file");
}

}  // namespace wherry::cli
