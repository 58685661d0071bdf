// SPDX-License-Identifier: MIT
// redirect: an answer that sends the client elsewhere.
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/app/response.h"

namespace wherry::app {

/// Sends the client to `location`: a URL, or a reference relative to the request's ("/login",
/// "../other?a=b"). It may come from the network: what cannot stand in a URL (a space, quotes,
/// anything that is not ASCII) is percent-encoded, what is encoded already stays; a control byte,
/// with which one could add fields to the reply, makes the response 400.
/// It is not judged where that leads to: who takes it from a client looks at that himself.
/// `status`: 301 or 308 for ever, 302 or 307 for now, 303 to look at with GET. With 301 and 302
/// clients make a POST a GET; with 307 and 308 they do not.
/// Memory: that of the encoded location.
/// Source: RFC 9110 §10.2.2, §15.4; RFC 3986 §2.
Response redirect(Request& request, std::string_view location, std::uint16_t status = 302) noexcept;

}  // namespace wherry::app
