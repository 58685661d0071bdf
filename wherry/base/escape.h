// SPDX-License-Identifier: MIT
// Text from the network made harmless for the place where it is shown: a log on a terminal, a page.
// Invariant: what is appended holds no character that means anything to that place.
#pragma once

#include <string_view>

#include "wherry/base/text_writer.h"

namespace wherry {

/// Appends `text` so that it can stand between double quotes in a log line: no name can end the
/// line, close the quotes, move the terminal's cursor or turn the reading direction. Each byte of
/// these becomes \xHH (lower case): control characters, DEL, '\', '"', invalid UTF-8, U+0080 to
/// U+009F (C1 controls), U+2028, U+2029, and the characters with the Bidi_Control property. Other
/// text stays readable, and the original can be had back byte by byte.
/// Up to four times the size of `text`; when it does not fit, a prefix that cuts no escape and no
/// character, and overflowed().
void append_log_text(TextWriter& into, std::string_view text) noexcept;

/// Appends `text` so that it can stand in HTML as text or in a quoted attribute value: & < > " '
/// become character references; nothing else changes. Not enough for unquoted attributes, scripts
/// and styles.
/// Up to six times the size of `text`; when it does not fit, a prefix that cuts no reference.
void append_html(TextWriter& into, std::string_view text) noexcept;

}  // namespace wherry
