// SPDX-License-Identifier: MIT
#include "wherry/http/field_value.h"

#include <algorithm>
#include <cstddef>

#include "wherry/base/ascii.h"

namespace wherry::http {
namespace {

void skip_white_space(std::string_view& rest) noexcept {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
}

}  // namespace

Result<std::string_view> Parameter::text(std::span<char> into) const noexcept {
  if (!escaped) return raw;
  std::size_t size = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\') ++i;  // never the last: read_quoted saw the character behind it
    if (size == into.size()) return Error::bad_request;
    into[size++] = raw[i];
  }
  return std::string_view(into.data(), size);
}

ParameterReader::ParameterReader(std::string_view field_value) noexcept {
  const std::size_t end = std::min(field_value.find(';'), field_value.size());
  item_ = trim_ows(field_value.substr(0, end));
  rest_ = field_value.substr(end);
}

// parameters = *( OWS ";" OWS [ parameter ] ), parameter = token "=" ( token / quoted-string )
Result<std::optional<Parameter>> ParameterReader::next() noexcept {
  do {
    if (rest_.empty()) return std::optional<Parameter>{};
    rest_.remove_prefix(1);
    skip_white_space(rest_);
  } while (rest_.empty() || rest_.front() == ';');

  Parameter parameter;
  read_token(parameter.name);
  if (parameter.name.empty() || !rest_.starts_with('=')) return Error::bad_request;
  rest_.remove_prefix(1);
  if (rest_.starts_with('"')) {
    if (const Result<> quoted = read_quoted(parameter); !quoted) return quoted.error();
  } else {
    read_token(parameter.raw);
    if (parameter.raw.empty()) return Error::bad_request;
  }
  skip_white_space(rest_);
  if (!rest_.empty() && rest_.front() != ';') return Error::bad_request;
  return std::optional<Parameter>(parameter);
}

void ParameterReader::read_token(std::string_view& token) noexcept {
  std::size_t size = 0;
  while (size < rest_.size() && is_token_char(rest_[size])) ++size;
  token = rest_.substr(0, size);
  rest_.remove_prefix(size);
}

Result<> ParameterReader::read_quoted(Parameter& parameter) noexcept {
  std::size_t end = 1;
  while (end < rest_.size() && rest_[end] != '"') {
    if (rest_[end] == '\\') {
      parameter.escaped = true;
      ++end;
    }
    if (end == rest_.size() || (is_control(rest_[end]) && rest_[end] != '\t')) {
      return Error::bad_request;
    }
    ++end;
  }
  if (end >= rest_.size()) return Error::bad_request;
  parameter.raw = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  return {};
}

}  // namespace wherry::http
