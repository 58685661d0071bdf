// SPDX-License-Identifier: MIT
// Fields of replies whose values are written when they are needed, into request memory: where there
// is none, the response fails.
#pragma once

#include <cstdint>
#include <string_view>

#include "wherry/app/response.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

namespace wherry::transfer {

/// `write(TextWriter&)`: the value, at most `size` bytes.
template <class Write>
void add_field(app::Request& request, app::Response& response, std::string_view name,
               std::size_t size, Write write) noexcept {
  const auto memory = request.scratch().text(size);
  if (!memory) return response.lacks_memory();
  TextWriter value(*memory);
  write(value);
  WHERRY_ASSERT(!value.overflowed());
  request.scratch().trim(value.size());
  response.header(name, value.view());
}

void add_number(app::Request& request, app::Response& response, std::string_view name,
                std::uint64_t number) noexcept;

/// A copy of `value`.
void add_text(app::Request& request, app::Response& response, std::string_view name,
              std::string_view value) noexcept;

/// `prefix`, and behind it `path`, encoded: where a file is.
void add_place(app::Request& request, app::Response& response, std::string_view name,
               std::string_view prefix, std::string_view path) noexcept;

}  // namespace wherry::transfer
