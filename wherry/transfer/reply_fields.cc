// SPDX-License-Identifier: MIT
#include "wherry/transfer/reply_fields.h"

#include "wherry/base/percent.h"

namespace wherry::transfer {

void add_number(app::Request& request, app::Response& response, std::string_view name,
                std::uint64_t number) noexcept {
  constexpr std::size_t kMaxDigits = 20;
  add_field(request, response, name, kMaxDigits,
            [&](TextWriter& value) { value.append_decimal(number); });
}

void add_text(app::Request& request, app::Response& response, std::string_view name,
              std::string_view value) noexcept {
  add_field(request, response, name, value.size(), [&](TextWriter& text) { text.append(value); });
}

void add_place(app::Request& request, app::Response& response, std::string_view name,
               std::string_view prefix, std::string_view path) noexcept {
  add_field(request, response, name, prefix.size() + 3 * path.size(), [&](TextWriter& value) {
    value.append(prefix);
    percent_encode_path(path, value);
  });
}

}  // namespace wherry::transfer
