// SPDX-License-Identifier: MIT
// Media types: which one a file's name suggests, and what one means to a browser.
// Knows names only; never looks into a file.
// Keeps: an unknown type is application/octet-stream, which nothing runs.
#pragma once

#include <string_view>

namespace wherry::http {

/// Returns: the media type for `filename` by its extension, whose case is ignored; text types carry
/// `charset=utf-8`. application/octet-stream when there is no extension or an unknown one.
/// Lifetime: static.
std::string_view media_type_of(std::string_view filename) noexcept;

/// Whether a Content-Type names `type`, such as `application/json`; parameters, space around and
/// case are ignored.
/// Source: RFC 9110 §8.3.1.
bool media_type_is(std::string_view content_type, std::string_view type) noexcept;

/// Whether a browser that is shown a stored file of this type as a document may run script in it
/// (HTML, XML of every kind, SVG, …). Such a file needs a sandbox, or to be an attachment. An empty
/// or unreadable type counts as yes, because browsers guess then.
bool can_run_script(std::string_view media_type) noexcept;

}  // namespace wherry::http
