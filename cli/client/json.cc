// SPDX-License-Identifier: MIT
#include "cli/client/json.h"

// A name of its own: the library has RapidJSON with other settings in the same program.
#define RAPIDJSON_NAMESPACE wherry_cli_rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN namespace wherry_cli_rapidjson {
#define RAPIDJSON_NAMESPACE_END }
#define RAPIDJSON_HAS_CXX11_RVALUE_REFS 1
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <array>
#include <cstdio>
#include <utility>

#include "wherry/base/number.h"
#include "wherry/base/utf8.h"

namespace wherry::cli {
namespace {

namespace rapid = wherry_cli_rapidjson;

/// A value. (RapidJSON's own tree, in its last release, is no C++ that clang takes.)
struct Node {
  enum class Kind : std::uint8_t { other, text, number, array, object };
  Kind kind = Kind::other;
  std::string text;           // of a text, and a number's digits
  std::string name;           // under which it is a member
  std::vector<Node> members;  // of an object or an array

  bool is(Kind wanted) const noexcept { return kind == wanted; }
  /// The member `key` of an object; nullptr: there is none, or this is no object.
  const Node* find(std::string_view key) const noexcept {
    if (kind != Kind::object) return nullptr;
    for (const Node& member : members) {
      if (member.name == key) return &member;
    }
    return nullptr;
  }
  std::optional<std::uint64_t> number() const noexcept {
    const auto value = kind == Kind::number ? parse_decimal(text) : Error::bad_request;
    if (!value) return std::nullopt;
    return *value;
  }
};

/// Makes a tree of what the reader says.
class TreeBuilder : public rapid::BaseReaderHandler<rapid::UTF8<>, TreeBuilder> {
 public:
  bool Default() { return add({}); }
  bool String(const char* text, rapid::SizeType size, bool) {
    return add({Node::Kind::text, std::string(text, size), {}, {}});
  }
  bool RawNumber(const char* digits, rapid::SizeType size, bool) {
    return add({Node::Kind::number, std::string(digits, size), {}, {}});
  }
  bool Key(const char* text, rapid::SizeType size, bool) {
    open_.back().key.assign(text, size);
    return true;
  }
  bool StartObject() { return open(Node::Kind::object); }
  bool StartArray() { return open(Node::Kind::array); }
  bool EndObject(rapid::SizeType) { return close(); }
  bool EndArray(rapid::SizeType) { return close(); }

  Node take() { return std::move(root_); }

 private:
  struct Open {
    Node node;
    std::string key;  // under which its next member comes
  };

  bool add(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      node.name = std::exchange(open_.back().key, {});
      open_.back().node.members.push_back(std::move(node));
    }
    return true;
  }
  bool open(Node::Kind kind) {
    constexpr std::size_t kMaxDepth = 32;  // a tree is destroyed by recursion
    open_.push_back({{kind, {}, {}, {}}, {}});
    return open_.size() <= kMaxDepth;
  }
  bool close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    return add(std::move(node));
  }

  std::vector<Open> open_;
  Node root_;
};

/// Returns: an object; what is none becomes an empty value.
Node parse(std::string_view json) {
  constexpr unsigned kFlags = rapid::kParseIterativeFlag | rapid::kParseValidateEncodingFlag |
                              rapid::kParseNumbersAsStringsFlag;
  rapid::MemoryStream stream(json.data(), json.size());
  rapid::Reader reader;
  TreeBuilder builder;
  return reader.Parse<kFlags>(stream, builder) ? builder.take() : Node{};
}

std::optional<RemoteEntry> parse_entry(const Node& value) {
  const Node* name = value.find("name");
  const Node* type = value.find("type");
  if (name == nullptr || !name->is(Node::Kind::text)) return std::nullopt;
  if (type == nullptr || !type->is(Node::Kind::text)) return std::nullopt;
  RemoteEntry entry{name->text, type->text == "folder", 0, std::nullopt};
  const bool is_segment = !entry.name.empty() && entry.name != "." && entry.name != ".." &&
                          entry.name.find('/') == entry.name.npos;
  if (!is_segment) return std::nullopt;
  if (const Node* size = value.find("size")) entry.size = size->number().value_or(0);
  if (const Node* crc32 = value.find("crc32")) {
    const auto number = parse_hex32(crc32->text);
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
  const Node root = parse(json);
  const Node* value = root.find(key);
  if (value == nullptr || !value->is(Node::Kind::text)) return std::nullopt;
  return value->text;
}

std::optional<std::uint64_t> json_number(std::string_view json,
                                         const std::vector<std::string>& path) {
  const Node root = parse(json);
  const Node* value = &root;
  for (const std::string& key : path) {
    value = value->find(key);
    if (value == nullptr) return std::nullopt;
  }
  return value->number();
}

std::optional<RemotePage> parse_listing(std::string_view json) {
  const Node root = parse(json);
  const Node* entries = root.find("entries");
  if (entries == nullptr || !entries->is(Node::Kind::array)) return std::nullopt;
  RemotePage page;
  for (const Node& member : entries->members) {
    auto entry = parse_entry(member);
    if (!entry) return std::nullopt;
    page.entries.push_back(std::move(*entry));
  }
  const Node* next = root.find("next");
  if (next != nullptr && next->is(Node::Kind::text)) page.next = next->text;
  return page;
}

}  // namespace wherry::cli
