// SPDX-License-Identifier: MIT
// The head of one part of a form: what the part is called and what it says about itself.
// Knows the lines of one head; not boundaries, data, or what a file name may do to a disk.
// Keeps: every view that it hands out lies in the memory that the head was read into.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/result.h"

namespace wherry::http {

/// What one part says of itself. Lifetime: the memory given to `parse_part_head`.
class PartHead {
 public:
  /// The form's control; may be empty.
  std::string_view name;
  /// What the client calls the file, as sent: may hold a path (see `last_segment`) or be empty (a
  /// browser's file control without a file). Valid UTF-8. Never use it as a path unchecked.
  std::string_view filename;
  /// Whether there was a file name: what tells a file from a text field.
  bool has_filename = false;
  /// The Content-Type with its parameters; empty when absent, which means text/plain (RFC 7578
  /// §4.4).
  std::string_view content_type;

  /// Returns: the value of the first header called `header_name` (case is ignored), without the
  /// space around it; nothing when the part has none. Content-Disposition is not to be had: its
  /// parameters were decoded in place.
  std::optional<std::string_view> header(std::string_view header_name) const noexcept;

 private:
  friend Result<PartHead> parse_part_head(std::span<char> lines) noexcept;

  std::string_view lines_;
};

/// Reads the `lines` of a head, each `Name: value` and ended by one LF, without the blank line;
/// quoted and percent-encoded parameters are decoded in place.
/// Errors: bad_form: no Content-Disposition of type form-data, no name, a header or parameter that
///         is malformed or given twice, a name or file name that is not UTF-8 or (in the extended
///         form) holds control characters.
/// Source: RFC 7578 §4.2, RFC 8187 §3.2 (`filename*`, which wins over `filename`; charset UTF-8
///         only). A backslash in a quoted name escapes only `"` and `\`, since old browsers send
///         `C:\dir\name` bare; `%22` is a quote, as browsers write it; other escapes stay text, so
///         that no name gains a line break.
Result<PartHead> parse_part_head(std::span<char> lines) noexcept;

/// Returns: the file name that `value`, that of a request's own Content-Disposition, has, as
/// PartHead::filename; none: it has none. Decoded in place.
/// Errors: bad_request: malformed.
/// Source: RFC 6266 §4.3: of any type; `filename*` wins.
Result<std::optional<std::string_view>> parse_disposition_filename(std::span<char> value) noexcept;

/// Returns: what follows the last `/` or `\` in a client's `path`: `b.txt` of `C:\a\b.txt`.
std::string_view last_segment(std::string_view path) noexcept;

}  // namespace wherry::http
