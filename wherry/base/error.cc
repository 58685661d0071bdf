// SPDX-License-Identifier: MIT
#include "wherry/base/error.h"

#include <array>
#include <cstddef>

#include "wherry/base/assert.h"

namespace wherry {
namespace {

constexpr std::size_t kErrorCount = static_cast<std::size_t>(Error::count_);

constexpr std::array<ErrorInfo, kErrorCount> kErrors{{
    {Error::none, 200, false, "OK"},
    {Error::closed, 0, true, "The client closed the connection"},
    {Error::cancelled, 503, true, "The server is shutting down"},
    {Error::timed_out, 408, true, "No data arrived in time"},
    {Error::malformed, 400, true, "The request is not valid HTTP/1.1"},
    {Error::bad_request, 400, false, "The request makes no sense here"},
    {Error::bad_path, 400, false, "The file name is not allowed"},
    {Error::bad_json, 400, false, "The body is not valid JSON"},
    {Error::bad_form, 400, true, "The body is not a valid form"},
    {Error::not_found, 404, false, "Not found"},
    {Error::method_not_allowed, 405, false, "The method is not allowed here"},
    {Error::conflict, 409, false, "The name is taken by something that is not a file"},
    {Error::exists, 409, false, "A file has that name already; ?replace=1 replaces it"},
    {Error::other_mount, 409, false,
     "No upload that goes on can end on that mount: send the file whole"},
    {Error::not_empty, 409, false, "The folder is not empty"},
    {Error::precondition_failed, 412, false, "The file is not the one that the condition names"},
    {Error::content_too_large, 413, true, "The body is larger than this server accepts"},
    {Error::uri_too_long, 414, true, "The request line is longer than this server accepts"},
    {Error::unsupported_media_type, 415, false, "The Content-Type is not accepted here"},
    {Error::range_not_satisfiable, 416, false, "No byte of the range exists"},
    {Error::digest_mismatch, 422, false, "The content is not what its digest says"},
    {Error::expectation_failed, 417, true, "The only expectation known is 100-continue"},
    {Error::header_too_large, 431, true, "The header is larger than this server accepts"},
    {Error::internal, 500, true, "The server failed"},
    {Error::disk_failed, 500, true, "The disk failed"},
    {Error::not_implemented, 501, true, "The transfer coding is not known here"},
    {Error::no_memory, 503, true, "The memory for this request is used up; try again"},
    {Error::no_slot, 503, true, "All connections are busy; try again"},
    {Error::busy, 503, false, "The file is in use; try again"},
    {Error::not_writable, 403, false, "The storage does not allow this write"},
    {Error::version_not_supported, 505, true, "Only HTTP/1.0 and HTTP/1.1 are spoken here"},
    {Error::no_space, 507, true, "The storage is full"},
    {Error::storage_unavailable, 503, false, "The storage is not ready"},
}};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < kErrors.size(); ++i) {
    if (static_cast<std::size_t>(kErrors[i].error) != i || kErrors[i].text.empty()) return false;
  }
  return true;
}
static_assert(rows_are_in_order(), "one row an error, in the order of the enum");

}  // namespace

const ErrorInfo& describe(Error error) noexcept {
  const auto index = static_cast<std::size_t>(error);
  WHERRY_ASSERT(index < kErrors.size());
  return kErrors[index];
}

}  // namespace wherry
