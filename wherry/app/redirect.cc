// SPDX-License-Identifier: MIT
#include "wherry/app/redirect.h"

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

namespace wherry::app {
namespace {

// RFC 3986 §2.2, §2.3, and '%': all that may stand in a reference as it is.
bool is_url_character(char c) noexcept {
  return c > ' ' && c < 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
}

}  // namespace

Response redirect(Request& request, std::string_view location, std::uint16_t status) noexcept {
  WHERRY_ASSERT(status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
  Response response(request, status);
  std::size_t size = 0;
  for (const char c : location) {
    if (is_control(c)) response.fail(Error::bad_request);
    size += is_url_character(c) ? 1 : 3;
  }
  const auto memory = request.scratch().text(size);
  if (!memory) response.lacks_memory();
  if (response.failure() != Error::none) return response;
  TextWriter text(*memory);
  for (const char c : location) {
    if (is_url_character(c)) {
      text.append(c);
    } else {
      text.append('%');
      for (const int digit : {static_cast<unsigned char>(c) >> 4, c & 0xF}) {
        text.append("0123456789ABCDEF"[digit]);
      }
    }
  }
  response.header("Location", text.view());
  return response;
}

}  // namespace wherry::app
