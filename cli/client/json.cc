// SPDX-License-Identifier: MIT
#include "cli/client/json.h"

// A name of its own: the library has RapidJSON with other settings in the same program.
#define RAPIDJSON_NAMESPACE wherry_cli_rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN namespace wherry_cli_rapidjson {
#define RAPIDJSON_NAMESPACE_END }
#define RAPIDJSON_HAS_CXX11_RVALUE_REFS 1
#include <rapidjson/document.h>

#include <array>
#include <cstdio>

#include "wherry/base/number.h"
#include "wherry/base/utf8.h"

namespace wherry::cli {
namespace {

namespace rapid = wherry_cli_rapidjson;

/// Returns: whether `json` is an object, which is in `document` then.
bool parse(std::string_view json, rapid::Document& document) {
  constexpr unsigned kFlags = rapid::kParseIterativeFlag | rapid::kParseValidateEncodingFlag;
  document.Parse<kFlags>(json.data(), json.size());
  return !document.HasParseError() && document.IsObject();
}

std::string_view text_of(const rapid::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// The member `key` of `object`; nullptr: there is none.
const rapid::Value* find(const rapid::Value& object, const char* key) {
  const auto member = object.FindMember(key);
  return member == object.MemberEnd() ? nullptr : &member->value;
}

std::optional<RemoteEntry> parse_entry(const rapid::Value& value) {
  if (!value.IsObject()) return std::nullopt;
  const rapid::Value* name = find(value, "name");
  const rapid::Value* type = find(value, "type");
  if (name == nullptr || !name->IsString() || type == nullptr || !type->IsString()) {
    return std::nullopt;
  }
  RemoteEntry entry{std::string(text_of(*name)), text_of(*type) == "folder", 0, std::nullopt};
  if (entry.name.empty() || entry.name.find('/') != entry.name.npos) return std::nullopt;
  const rapid::Value* size = find(value, "size");
  if (size != nullptr && size->IsUint64()) entry.size = size->GetUint64();
  const rapid::Value* crc32 = find(value, "crc32");
  if (crc32 != nullptr && crc32->IsString()) {
    const auto number = parse_hex32(text_of(*crc32));
    if (number) entry.crc32 = *number;
  }
  return entry;
}

}  // namespace

void JsonObject::begin(std::string_view key) {
  if (!members_.empty()) members_ += ", ";
  quote(key);
  members_ += ": ";
}

void JsonObject::quote(std::string_view text) {
  members_ += '"';
  const bool is_valid = is_valid_utf8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      members_ += '\\';
      members_ += c;
    } else if (byte < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(byte));
      members_ += escape.data();
    } else if (byte >= 0x80 && !is_valid) {
      members_ += "\\ufffd";
    } else {
      members_ += c;
    }
  }
  members_ += '"';
}

JsonObject& JsonObject::text(std::string_view key, std::string_view value) {
  begin(key);
  quote(value);
  return *this;
}

JsonObject& JsonObject::number(std::string_view key, std::uint64_t value) {
  begin(key);
  members_ += std::to_string(value);
  return *this;
}

JsonObject& JsonObject::decimal(std::string_view key, double value) {
  std::array<char, 64> digits{};
  std::snprintf(digits.data(), digits.size(), "%.3f", value);
  begin(key);
  members_ += digits.data();
  return *this;
}

JsonObject& JsonObject::boolean(std::string_view key, bool value) {
  begin(key);
  members_ += value ? "true" : "false";
  return *this;
}

JsonObject& JsonObject::null(std::string_view key) {
  begin(key);
  members_ += "null";
  return *this;
}

JsonObject& JsonObject::object(std::string_view key, const JsonObject& value) {
  begin(key);
  members_ += value.finish();
  return *this;
}

JsonObject& JsonObject::texts(std::string_view key, const std::vector<std::string>& values) {
  begin(key);
  members_ += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i != 0) members_ += ", ";
    quote(values[i]);
  }
  members_ += ']';
  return *this;
}

std::optional<std::string> json_text(std::string_view json, const char* key) {
  rapid::Document document;
  if (!parse(json, document)) return std::nullopt;
  const rapid::Value* value = find(document, key);
  if (value == nullptr || !value->IsString()) return std::nullopt;
  return std::string(text_of(*value));
}

std::optional<std::uint64_t> json_number(std::string_view json,
                                         const std::vector<std::string>& path) {
  rapid::Document document;
  if (!parse(json, document)) return std::nullopt;
  const rapid::Value* value = &document;
  for (const std::string& key : path) {
    if (!value->IsObject()) return std::nullopt;
    value = find(*value, key.c_str());
    if (value == nullptr) return std::nullopt;
  }
  if (!value->IsUint64()) return std::nullopt;
  return value->GetUint64();
}

std::optional<RemotePage> parse_listing(std::string_view json) {
  rapid::Document document;
  if (!parse(json, document)) return std::nullopt;
  const rapid::Value* entries = find(document, "entries");
  if (entries == nullptr || !entries->IsArray()) return std::nullopt;
  RemotePage page;
  for (const rapid::Value& each : entries->GetArray()) {
    auto entry = parse_entry(each);
    if (!entry) return std::nullopt;
    page.entries.push_back(std::move(*entry));
  }
  const rapid::Value* next = find(document, "next");
  if (next != nullptr && next->IsString()) page.next = text_of(*next);
  return page;
}

}  // namespace wherry::cli
