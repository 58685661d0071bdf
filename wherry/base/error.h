// SPDX-License-Identifier: MIT
// What can go wrong in the world (peer, disk, limits), as one byte, and what each means to a
// client. Codes of POSIX, lwIP or littlefs are translated into these once, at the boundary that
// meets them. Our own bugs are no errors: they are assertions (assert.h).
#pragma once

#include <cstdint>
#include <string_view>

namespace wherry {

enum class Error : std::uint8_t {
  none,                    // no error
  closed,                  // the peer has gone: there is nobody to answer
  cancelled,               // ended from our side: shutdown, or a slot that another needed
  timed_out,               // an idle limit ran out
  malformed,               // framing that is broken or ambiguous: the connection cannot go on
  bad_request,             // a well-framed request that makes no sense
  bad_path,                // a name that no file here may have
  bad_json,                // a body that is not the JSON that was asked for
  bad_form,                // a body that is not the form that was asked for
  not_found,               // no such route or file
  method_not_allowed,      // the resource exists; the method does not apply to it
  conflict,                // the name is taken by something that is not a regular file
  exists,                  // a file stands there, and may not be replaced
  other_mount,             // an upload that goes on cannot be moved there from where it lies
  not_empty,               // a folder that may only go when nothing is in it
  precondition_failed,     // what stands there is not what the client had seen
  content_too_large,       // body over max_content_length or max_body_length
  uri_too_long,            // request line over max_readline
  unsupported_media_type,  // the handler does not read this Content-Type
  range_not_satisfiable,   // no byte of the range exists
  digest_mismatch,         // the content is not what its digest says
  expectation_failed,      // an Expect other than 100-continue
  header_too_large,        // header section over max_header_bytes
  internal,                // a failure of ours that has no better name
  disk_failed,             // the storage reported an I/O error
  not_implemented,         // a transfer coding or method that we do not speak
  no_memory,               // an arena or a pool is exhausted: try again later
  no_slot,                 // every connection slot is in a request: try again later
  busy,                    // a file is held by others for too long: try again later
  not_writable,            // the storage is read-only or denies the write
  version_not_supported,   // not HTTP/1.x
  no_space,                // the storage is full
  storage_unavailable,     // the storage is not mounted: blank, unreadable, or no medium at all
  count_                   // the number of errors; not an error
};

/// What an error means on the wire.
struct ErrorInfo {
  Error error;
  std::uint16_t status;   // HTTP status; 0: there is nobody to send it to
  bool closes;            // the connection cannot be used for another request
  std::string_view text;  // one sentence for the person at the other end
};

/// Returns: the row of the one table that maps each error to status, connection and text.
const ErrorInfo& describe(Error error) noexcept;

}  // namespace wherry
