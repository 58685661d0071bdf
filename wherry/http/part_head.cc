// SPDX-License-Identifier: MIT
#include "wherry/http/part_head.h"

#include <algorithm>
#include <array>

#include "wherry/base/ascii.h"
#include "wherry/base/percent.h"
#include "wherry/base/utf8.h"
#include "wherry/http/field_value.h"

namespace wherry::http {
namespace {

constexpr std::string_view kContentDisposition = "Content-Disposition";

std::string_view view_of(std::span<char> text) noexcept { return {text.data(), text.size()}; }

struct Header {
  std::string_view name;
  std::string_view value;
};

/// Takes the next line off `lines`.
/// Errors: bad_form: not a token, a colon and a value.
Result<Header> take_header(std::string_view& lines) noexcept {
  std::string_view value = split_next(lines, '\n');
  if (value.find(':') == std::string_view::npos) return Error::bad_form;
  const std::string_view name = split_next(value, ':');
  if (!is_token(name)) return Error::bad_form;
  return Header{name, trim_ows(value)};
}

/// Decodes a quoted-string, or a token, where it lies, as browsers mean it: see parse_part_head.
std::string_view decode_plain(std::span<char> value) noexcept {
  const std::string_view text = view_of(value);
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    const std::string_view next = text.substr(i + 1, 2);
    if (c == '\\' && (next.starts_with('"') || next.starts_with('\\'))) {
      c = next.front();
      i += 1;
    } else if (c == '%' && next == "22") {
      c = '"';
      i += 2;
    }
    value[size++] = c;
  }
  return view_of(value.first(size));
}

/// Decodes an ext-value where it lies: charset "'" [ language ] "'" value-chars (RFC 8187 §3.2.1).
Result<std::string_view> decode_extended(std::span<char> value) noexcept {
  std::string_view encoded = view_of(value);
  const std::string_view charset = split_next(encoded, '\'');
  const std::size_t quote = encoded.find('\'');
  if (!equals_ignoring_case(charset, "UTF-8") || quote == std::string_view::npos) {
    return Error::bad_form;
  }
  encoded.remove_prefix(quote + 1);
  const auto size = percent_decode(encoded, value);
  if (!size) return Error::bad_form;
  const std::string_view decoded = view_of(value.first(*size));
  if (std::ranges::any_of(decoded, is_control)) return Error::bad_form;
  return decoded;
}

/// The parameters of a Content-Disposition that are asked for.
struct Disposition {
  enum Index : std::size_t { kName, kNameExtended, kFilename, kFilenameExtended, kCount };
  static constexpr std::array<std::string_view, kCount> kNames = {"name", "name*", "filename",
                                                                  "filename*"};

  std::string_view type;
  std::array<std::optional<std::string_view>, kCount> values{};

  /// The value that counts: of `name*` before that of `name`.
  const std::optional<std::string_view>& name() const noexcept {
    return values[kNameExtended] ? values[kNameExtended] : values[kName];
  }
  const std::optional<std::string_view>& filename() const noexcept {
    return values[kFilenameExtended] ? values[kFilenameExtended] : values[kFilename];
  }
};

/// Reads the value of a Content-Disposition, decoding in place.
Result<Disposition> read_disposition(std::span<char> value) noexcept {
  Disposition disposition;
  ParameterReader reader(view_of(value));
  disposition.type = reader.item();
  while (true) {
    const auto parameter = reader.next();
    if (!parameter) return Error::bad_form;
    if (!*parameter) return disposition;
    const auto known =
        std::ranges::find_if(Disposition::kNames, [&parameter](std::string_view name) {
          return equals_ignoring_case((*parameter)->name, name);
        });
    if (known == Disposition::kNames.end()) continue;
    const std::string_view raw = (*parameter)->raw;
    const auto place =
        value.subspan(static_cast<std::size_t>(raw.data() - value.data()), raw.size());
    const auto text = known->ends_with('*') ? decode_extended(place) : decode_plain(place);
    auto& kept = disposition.values[static_cast<std::size_t>(known - Disposition::kNames.begin())];
    if (kept || !text || !is_valid_utf8(*text)) return Error::bad_form;
    kept = *text;
  }
}

}  // namespace

std::optional<std::string_view> PartHead::header(std::string_view header_name) const noexcept {
  if (equals_ignoring_case(header_name, kContentDisposition)) return std::nullopt;
  for (std::string_view lines = lines_; !lines.empty();) {
    const auto header = take_header(lines);
    if (header && equals_ignoring_case(header->name, header_name)) return header->value;
  }
  return std::nullopt;
}

Result<PartHead> parse_part_head(std::span<char> lines) noexcept {
  PartHead part;
  bool has_name = false;
  bool has_content_type = false;
  part.lines_ = view_of(lines);
  for (std::string_view rest = part.lines_; !rest.empty();) {
    const auto header = take_header(rest);
    if (!header) return header.error();
    if (equals_ignoring_case(header->name, "Content-Type")) {
      if (has_content_type) return Error::bad_form;
      has_content_type = true;
      part.content_type = header->value;
    }
    if (!equals_ignoring_case(header->name, kContentDisposition)) continue;
    const auto offset = static_cast<std::size_t>(header->value.data() - lines.data());
    const auto disposition = read_disposition(lines.subspan(offset, header->value.size()));
    if (!disposition) return disposition.error();
    if (!equals_ignoring_case(disposition->type, "form-data")) return Error::bad_form;
    if (has_name || !disposition->name()) return Error::bad_form;
    has_name = true;
    part.name = *disposition->name();
    part.has_filename = disposition->filename().has_value();
    part.filename = disposition->filename().value_or(std::string_view());
  }
  if (!has_name) return Error::bad_form;
  return part;
}

Result<std::optional<std::string_view>> parse_disposition_filename(std::span<char> value) noexcept {
  const auto disposition = read_disposition(value);
  if (!disposition || !is_token(disposition->type)) return Error::bad_request;
  return disposition->filename();
}

std::string_view last_segment(std::string_view path) noexcept {
  const std::size_t separator = path.find_last_of("/\\");
  return separator == std::string_view::npos ? path : path.substr(separator + 1);
}

}  // namespace wherry::http
