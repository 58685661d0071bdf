// SPDX-License-Identifier: MIT
// Invariants: decoding in place and into other memory give the same; a result is never longer than
// its source; each encoder writes only what its RFC allows and decodes back to the same bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "wherry/base/ascii.h"
#include "wherry/base/percent.h"

namespace {

using wherry::TextWriter;

void require(bool holds) {
  if (!holds) std::abort();
}

void decode(std::string_view text) {
  std::string elsewhere(text.size(), '\0');
  std::string in_place(text);
  const auto size = wherry::percent_decode(text, elsewhere);
  const auto size_in_place = wherry::percent_decode(in_place, in_place);
  require(wherry::error_of(size) == wherry::error_of(size_in_place));
  if (!size) {
    require(size.error() == wherry::Error::bad_request);
    return;
  }
  const auto escapes = static_cast<std::size_t>(std::ranges::count(text, '%'));
  require(*size == text.size() - 2 * escapes && *size == *size_in_place);
  require(elsewhere.compare(0, *size, in_place, 0, *size) == 0);
  if (*size > 0) {
    std::string too_small(*size - 1, '\0');
    require(wherry::error_of(wherry::percent_decode(text, too_small)) == wherry::Error::no_memory);
  }
}

template <class Encoder>
void encode(std::string_view text, Encoder encoder, std::string_view marks) {
  std::string memory(3 * text.size(), '\0');
  TextWriter writer{std::span<char>(memory)};
  encoder(text, writer);
  require(!writer.overflowed());
  for (const char c : writer.view()) {
    require(wherry::is_alpha(c) || wherry::is_digit(c) || c == '%' ||
            marks.find(c) != std::string_view::npos);
  }
  std::string decoded(text.size(), '\0');
  const auto size = wherry::percent_decode(writer.view(), decoded);
  require(size.has_value() && *size == text.size() && decoded == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  decode(text);
  encode(text, wherry::percent_encode_path, "-._~!$&'()*+,;=:@/");
  encode(text, wherry::percent_encode_component, "-._~");
  encode(text, wherry::percent_encode_attribute, "!#$&+-.^_`|~");
  return 0;
}
