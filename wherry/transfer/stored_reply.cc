// SPDX-License-Identifier: MIT
#include "wherry/transfer/stored_reply.h"

#include <algorithm>

#include "wherry/base/ascii.h"
#include "wherry/base/number.h"
#include "wherry/base/percent.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/entity_tag.h"

namespace wherry::transfer {

Response stored_json(Request& request, const Stored& stored, std::uint16_t status) noexcept {
  return app::json(
      request,
      {{"filename", stored.filename}, {"size", stored.size}, {"crc32", hex32(stored.crc32)}},
      status);
}

StoredReply::StoredReply(Request& request, const Stored& stored, std::string_view where) noexcept
    : response_(stored_json(request, stored, 201)) {
  const auto tag = request.scratch().text(http::VersionTag::capacity());
  const auto memory = request.scratch().text(where.size() + 3 * stored.filename.size());
  if (!tag || !memory) {
    response_.lacks_memory();
    return;
  }
  TextWriter location(*memory);
  location.append(where);
  percent_encode_path(stored.filename, location);
  request.scratch().trim(location.size());
  tag_ = *tag;
  response_.header("Location", location.view());
}

void StoredReply::reserve() noexcept {
  response_.header("ETag", std::string_view(tag_.data(), tag_.size()));
  response_.reserve_head();
}

Response StoredReply::finish(const storage::StagedFile& file) noexcept {
  std::ranges::copy(http::version_tag(file.version()).view(), tag_.begin());
  return std::move(response_);
}

std::string_view put_refusal(Request& request) noexcept {
  if (request.header("Content-Range")) {
    return "Content-Range is not allowed on PUT: send the whole file";  // RFC 9110 §14.5
  }
  return coding_refusal(request);
}

std::string_view coding_refusal(Request& request) noexcept {
  const auto coding = request.header("Content-Encoding");
  if (coding && !equals_ignoring_case(*coding, "identity")) {
    return "Content-Encoding is not allowed: send the file as it is";
  }
  return {};
}

}  // namespace wherry::transfer
