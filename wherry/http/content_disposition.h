// SPDX-License-Identifier: MIT
// The Content-Disposition of a download: under which name a client is to save it.
// Knows names, not files; the name may be anything that a storage can hold.
// Keeps: what it writes is one line of visible ASCII and spaces, whatever the name.
#pragma once

#include <string_view>

#include "wherry/base/text_writer.h"

namespace wherry::http {

/// Appends `attachment; filename="fallback"` and, where the fallback says less than the name or is
/// known to be misread (characters outside ASCII, quote, backslash, percent sign), the exact name
/// as
/// `; filename*=UTF-8''…`.
/// Of a path only what follows the last `/` counts. Control characters are dropped; in the fallback
/// each character outside ASCII is `_`. A name that is not UTF-8 gets the fallback alone; one of
/// which nothing is left gets `attachment` alone.
/// Size: at most 5 bytes for each byte of the name, and 42 more.
/// Errors: none here; see `TextWriter::overflowed`.
/// Source: RFC 6266 §4.1, §4.3, appendix D; RFC 8187 §3.2.
void write_attachment(std::string_view filename, TextWriter& into) noexcept;

}  // namespace wherry::http
