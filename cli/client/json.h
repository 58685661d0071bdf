// SPDX-License-Identifier: MIT
// JSON on a host with a heap: objects that go to stdout, and what servers answer.
// Keeps: what is written is one line of valid JSON, whatever the texts hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::cli {

/// An object, written member by member.
class JsonObject {
 public:
  JsonObject& text(std::string_view key, std::string_view value);
  JsonObject& number(std::string_view key, std::uint64_t value);
  /// With three decimals.
  JsonObject& decimal(std::string_view key, double value);
  JsonObject& boolean(std::string_view key, bool value);
  JsonObject& null(std::string_view key);
  JsonObject& object(std::string_view key, const JsonObject& value);
  JsonObject& texts(std::string_view key, const std::vector<std::string>& values);

  /// `{"a": 1, "b": "c"}`
  std::string finish() const { return "{" + members_ + "}"; }

 private:
  void begin(std::string_view key);
  void quote(std::string_view text);

  std::string members_;
};

/// Returns: a member of the object `json` that is a text; nothing when there is none, or it is
/// something else, or `json` is no object.
std::optional<std::string> json_text(std::string_view json, const char* key);

/// Returns: a number at a path of members, such as "storage" / "free_bytes".
std::optional<std::uint64_t> json_number(std::string_view json,
                                         const std::vector<std::string>& path);

/// What a folder of a server holds.
struct RemoteEntry {
  std::string name;
  bool is_folder = false;
  std::uint64_t size = 0;
  std::optional<std::uint32_t> crc32;
};

struct RemotePage {
  std::vector<RemoteEntry> entries;
  std::string next;  // address of the next page, relative to this one; empty: this is the last
};

/// Returns: a page of a listing; nothing when `json` is none.
std::optional<RemotePage> parse_listing(std::string_view json);

}  // namespace wherry::cli
