// SPDX-License-Identifier: MIT
#include "wherry/base/error_name.h"

#include "wherry/base/assert.h"

namespace wherry {

// Without a default, so that an error that has no name here does not compile.
const char* name_of(Error error) noexcept {
  switch (error) {
    case Error::none:
      return "ok";
    case Error::closed:
      return "closed";
    case Error::cancelled:
      return "cancelled";
    case Error::timed_out:
      return "timed_out";
    case Error::malformed:
      return "malformed";
    case Error::bad_request:
      return "bad_request";
    case Error::bad_path:
      return "bad_path";
    case Error::bad_json:
      return "bad_json";
    case Error::bad_form:
      return "bad_form";
    case Error::not_found:
      return "not_found";
    case Error::method_not_allowed:
      return "method_not_allowed";
    case Error::conflict:
      return "conflict";
    case Error::exists:
      return "exists";
    case Error::other_mount:
      return "other_mount";
    case Error::not_empty:
      return "not_empty";
    case Error::precondition_failed:
      return "precondition_failed";
    case Error::content_too_large:
      return "content_too_large";
    case Error::uri_too_long:
      return "uri_too_long";
    case Error::unsupported_media_type:
      return "unsupported_media_type";
    case Error::range_not_satisfiable:
      return "range_not_satisfiable";
    case Error::digest_mismatch:
      return "digest_mismatch";
    case Error::expectation_failed:
      return "expectation_failed";
    case Error::header_too_large:
      return "header_too_large";
    case Error::internal:
      return "internal";
    case Error::disk_failed:
      return "disk_failed";
    case Error::not_implemented:
      return "not_implemented";
    case Error::no_memory:
      return "no_memory";
    case Error::no_slot:
      return "no_slot";
    case Error::busy:
      return "busy";
    case Error::not_writable:
      return "not_writable";
    case Error::version_not_supported:
      return "version_not_supported";
    case Error::no_space:
      return "no_space";
    case Error::storage_unavailable:
      return "storage_unavailable";
    case Error::count_:
      break;
  }
  panic("no error", __FILE__, __LINE__);
}

}  // namespace wherry
