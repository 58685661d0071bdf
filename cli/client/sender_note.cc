// SPDX-License-Identifier: MIT
// Uploads that go on in another run of the program.
#include <algorithm>
#include <utility>
#include <vector>

#include "cli/client/sender.h"

namespace wherry::cli {

/// Goes on with what an earlier run has begun, where the file is what it was.
void Sender::take_up() {
  note_ = notes_.open({shipment_.url, shipment_.file, shipment_.conditions, file_.identity()});
  if (note_.upload_url().empty()) return;
  if (shipment_.fresh || !note_.is_current()) {
    cancel_upload(note_.upload_url());
    note_.drop();
    return;
  }
  upload_url_ = note_.upload_url();
  result_.protocol = note_.protocol();
  step_ = result_.protocol == "tus" ? Step::tus_resume : Step::resume;
  was_cut_ = is_taken_up_ = true;
}

/// Reads what an earlier run has sent, where no checksum of the whole was made beforehand.
void Sender::catch_up() {
  if (!std::exchange(is_taken_up_, false)) return;
  if (shipment_.crc32) return;
  std::vector<char> block(kReadBlock);
  while (sent_.seen_bytes() < offset_) {
    const std::uint64_t at = sent_.seen_bytes();
    const auto wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), offset_ - at));
    const auto count = file_.read(at, std::span(block).first(wanted));
    if (!count || *count == 0) return;  // there is no checksum then, and the sender will tell
    sent_.update(at, as_bytes(std::string_view(block.data(), *count)));
  }
}

/// Gives back what nobody will go on with. Whether that is heard makes no difference to this side.
void Sender::cancel_upload(const std::string& url) {
  Request request;
  request.method = "DELETE";
  request.url = url;
  request.fields = {"Upload-Draft-Interop-Version: 8", "Tus-Resumable: 1.0.0"};
  static_cast<void>(exchanger_.perform(request));
}

/// When all is over: whether another run could go on.
void Sender::settle_note() {
  if (note_.upload_url().empty()) return;
  const bool may_go_on = result_.exit == Exit::network || result_.exit == Exit::server ||
                         result_.exit == Exit::interrupted;
  if (may_go_on) {
    result_.error += "; the same command goes on where this one ended";
    return;
  }
  if (result_.exit == Exit::local_file) cancel_upload(note_.upload_url());
  note_.drop();
}

}  // namespace wherry::cli
