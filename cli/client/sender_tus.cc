// SPDX-License-Identifier: MIT
// The tus resumable upload protocol, version 1.0.0: core and creation.
#include <array>

#include "cli/client/names.h"
#include "cli/client/sender.h"
#include "wherry/base/ascii.h"
#include "wherry/base/base64.h"
#include "wherry/base/number.h"

namespace wherry::cli {
namespace {

constexpr std::string_view kVersion = "1.0.0";
constexpr const char* kVersionField = "Tus-Resumable: 1.0.0";

class EmptyBody final : public BodySource {
 public:
  std::uint64_t size() const override { return 0; }
  std::optional<std::size_t> read(std::span<char>) override { return 0; }
  bool seek(std::uint64_t offset) override { return offset == 0; }
};

bool lists(std::string_view versions, std::string_view wanted) {
  while (!versions.empty()) {
    if (trim_ows(split_next(versions, ',')) == wanted) return true;
  }
  return false;
}

std::string base64(std::string_view text) {
  std::string encoded(base64_size(text.size()), '\0');
  TextWriter writer{std::span<char>(encoded)};
  append_base64(as_bytes(text), writer);
  return encoded;
}

}  // namespace

/// Asks the folder of the URL for its versions.
bool Sender::finds_tus() {
  const std::string folder = folder_of_url(shipment_.url);
  if (const auto known = tus_.speaks(folder)) return *known;
  Request request;
  request.method = "OPTIONS";
  request.url = folder;
  const Reply reply = exchanger_.perform(request);
  if (reply.failure != Failure::none) return false;  // asked again after the next cut
  const auto versions = reply.head.field("Tus-Version");
  const bool speaks = versions && lists(*versions, kVersion);
  tus_.remember(folder, speaks);
  return speaks;
}

Sender::Next Sender::tus_create() {
  result_.protocol = "tus";
  offset_ = 0;
  const std::string folder = folder_of_url(shipment_.url);
  EmptyBody empty;
  Request request;
  request.method = "POST";
  request.url = folder;
  request.body = &empty;
  request.fields = shipment_.conditions;
  request.fields.emplace_back(kVersionField);
  request.fields.push_back("Upload-Length: " + std::to_string(file_.size()));
  request.fields.push_back("Upload-Metadata: filename " +
                           base64(name_of_url(shipment_.url).value_or("file")));
  if (shipment_.crc32) {
    request.fields.push_back("X-Checksum-CRC32: " + std::string(hex32(*shipment_.crc32).view()));
  }
  reply_ = exchanger_.perform(request);
  if (may_try_again(reply_)) return Next::retry;
  if (!reply_.is_success()) return fail();
  const auto location = reply_.head.field("Location");
  const auto url = location ? resolve_url(folder, std::string(*location)) : std::nullopt;
  if (!url) return fail(Exit::server, "the server does not say where the upload is");
  upload_url_ = *url;
  note_.keep(upload_url_, result_.protocol);
  step_ = Step::tus_append;
  return file_.size() == 0 ? finish() : Next::go_on;
}

Sender::Next Sender::tus_resume() {
  Request request;
  request.method = "HEAD";
  request.url = upload_url_;
  request.fields = {kVersionField};
  reply_ = exchanger_.perform(request);
  if (may_try_again(reply_) || reply_.has_status(423, 423)) return Next::retry;
  if (reply_.failure != Failure::none) return fail();
  const auto offset = number_of(reply_.head, "Upload-Offset");
  if (!reply_.is_success() || !offset || *offset < offset_) return begin_anew(Step::tus_create);
  if (*offset > file_.size()) return fail(Exit::server, "the server has more than there is");
  acknowledge(*offset);
  catch_up();
  step_ = Step::tus_append;
  return *offset == file_.size() ? finish() : Next::go_on;
}

Sender::Next Sender::tus_append() {
  Request request;
  request.method = "PATCH";
  request.url = upload_url_;
  request.fields = {kVersionField, "Upload-Offset: " + std::to_string(offset_),
                    "Content-Type: application/offset+octet-stream"};
  go_on_after_cut();
  reply_ = exchange(std::move(request), append_size());
  const auto offset = number_of(reply_.head, "Upload-Offset");
  if (reply_.is_success() && offset && *offset > offset_ && *offset <= file_.size()) {
    acknowledge(*offset);
    return *offset == file_.size() ? finish() : Next::go_on;
  }
  if (reply_.has_status(403, 404) || reply_.has_status(410, 410)) {
    return begin_anew(Step::tus_create);
  }
  const bool may_repeat = may_try_again(reply_) || reply_.is_success() ||
                          reply_.has_status(409, 409) || reply_.has_status(423, 423);
  step_ = Step::tus_resume;
  was_cut_ = true;
  return may_repeat ? Next::retry : fail();
}

}  // namespace wherry::cli
