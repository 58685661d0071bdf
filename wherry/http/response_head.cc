// SPDX-License-Identifier: MIT
#include "wherry/http/response_head.h"

#include <algorithm>

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/http/status.h"

namespace wherry::http {
namespace {

bool is_field_value(std::string_view value) noexcept {
  return std::ranges::none_of(value, [](char c) { return is_control(c) && c != '\t'; });
}

}  // namespace

ResponseHead::ResponseHead(MutableBytes into, std::uint16_t status) noexcept : writer_(into) {
  WHERRY_ASSERT(status >= 100 && status <= 999);
  writer_.append("HTTP/1.1 ").append_decimal(status).append(' ');
  writer_.append(reason_phrase(status)).append("\r\n");
}

ResponseHead& ResponseHead::field(std::string_view name, std::string_view value) noexcept {
  if (!is_token(name) || !is_field_value(value)) {
    refused_ = true;
    return *this;
  }
  writer_.append(name).append(": ").append(value).append("\r\n");
  return *this;
}

ResponseHead& ResponseHead::field(std::string_view name, std::uint64_t value) noexcept {
  if (!is_token(name)) {
    refused_ = true;
    return *this;
  }
  writer_.append(name).append(": ").append_decimal(value).append("\r\n");
  return *this;
}

Result<Bytes> ResponseHead::finish() noexcept {
  writer_.append("\r\n");
  if (refused_) return Error::internal;
  if (writer_.overflowed()) return Error::no_memory;
  return as_bytes(writer_.view());
}

}  // namespace wherry::http
