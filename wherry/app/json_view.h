// SPDX-License-Identifier: MIT
// JsonView: a JSON object that came in, looked at without building a tree.
//
// The text is parsed strictly once (one object, RFC 8259, valid UTF-8, bounded depth), and scanned
// again for each member that is asked for, which must be there once: it is short (max_body_length),
// and so the memory is too. Invariant: `text_` has parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "wherry/base/result.h"

namespace wherry::app {

/// A member of the outermost object, for as long as a visitor is shown it.
struct JsonItem {
  enum class Type : std::uint8_t { absent, null, boolean, number, string, nested };
  std::string_view name;
  Type type = Type::absent;
  bool boolean = false;
  std::string_view text;  // a string's characters, a number as it is written
};

class JsonVisitor {
 public:
  /// Called for each member, in their order; one name may come twice.
  /// Returns: whether to go on.
  virtual bool member(const JsonItem& member) noexcept = 0;

 protected:
  ~JsonVisitor() = default;
};

class JsonView {
 public:
  /// Arrays and objects within one another, the outermost one counted.
  static constexpr std::size_t kMaxDepth = 16;

  /// Bytes of memory that a text of `size` bytes needs: RapidJSON's stack, which holds a string and
  /// a few words a level, and the string that was asked for.
  static constexpr std::size_t memory_for(std::size_t size) noexcept {
    return 2 * size + (kMaxDepth + 2) * 2 * sizeof(std::uint32_t) + 2 * sizeof(std::uint64_t);
  }

  /// Errors: bad_json.  Lifetime: `text` and `memory` (memory_for(text.size()) bytes) outlive it.
  static Result<JsonView> parse(std::string_view text, std::span<char> memory) noexcept;

  /// Parses `text` once and shows `visitor` each member as it goes: also those before a fault.
  /// `end`: the bytes of `text` that were read by then.
  /// Errors: bad_json, also when the visitor does not want to go on.
  /// Lifetime: `memory`: memory_for(text.size()) bytes, until it returns.
  static Result<> visit(std::string_view text, std::span<char> memory, JsonVisitor& visitor,
                        std::size_t& end) noexcept;

  /// Each returns the member of that name; none when there is none.
  /// Errors: bad_request when it is of another type (null too) or does not fit; bad_json when it
  /// is there twice.
  /// Lifetime: a string's is that of the memory, until the next string is asked for.
  Result<std::optional<std::uint64_t>> unsigned_integer(std::string_view name) const noexcept;
  Result<std::optional<std::int64_t>> integer(std::string_view name) const noexcept;
  Result<std::optional<double>> number(std::string_view name) const noexcept;
  Result<std::optional<bool>> boolean(std::string_view name) const noexcept;
  Result<std::optional<std::string_view>> string(std::string_view name) const noexcept;

 private:
  JsonView(std::string_view text, std::span<char> memory) noexcept : text_(text), memory_(memory) {}

  std::string_view text_;
  std::span<char> memory_;
};

}  // namespace wherry::app
