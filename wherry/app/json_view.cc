// SPDX-License-Identifier: MIT
#include "wherry/app/json_view.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "wherry/app/rapidjson.h"
#include "wherry/base/ascii.h"
#include "wherry/base/number.h"
#include "wherry/base/utf8.h"

namespace wherry::app {
namespace {

/// A span as RapidJSON's input stream.
class TextStream {
 public:
  using Ch = char;
  explicit TextStream(std::string_view text) noexcept : text_(text) {}
  char Peek() const noexcept { return position_ < text_.size() ? text_[position_] : '\0'; }
  char Take() noexcept {
    const char c = Peek();
    ++position_;
    return c;
  }
  std::size_t Tell() const noexcept { return position_; }
  /// What has been taken since `start`.
  std::string_view since(std::size_t start) const noexcept {
    return text_.substr(start, position_ - start);
  }
  char* PutBegin() noexcept { return nullptr; }
  void Put(char) noexcept {}
  void Flush() noexcept {}
  std::size_t PutEnd(char*) noexcept { return 0; }

 private:
  std::string_view text_;
  std::size_t position_ = 0;
};

using Kind = JsonItem::Type;

/// Finds one member of the outermost object; checks the shape on the way.
class Finder {
 public:
  /// Looks for nothing: for the shape alone.
  Finder() noexcept = default;
  /// `memory` is for the text of a string or number: as long as the whole text.
  Finder(std::string_view name, std::span<char> memory) noexcept : name_(name), memory_(memory) {}
  /// Shows all to `visitor`. `memory` is for a name and a value: as long as the whole text.
  Finder(JsonVisitor& visitor, std::span<char> memory) noexcept
      : visitor_(&visitor), memory_(memory) {}

  bool Null() noexcept { return value(Kind::null); }
  bool Bool(bool boolean) noexcept {
    if (is_wanted()) item_.boolean = boolean;
    return value(Kind::boolean);
  }
  bool Int(int) noexcept { return false; }  // this and the next four: numbers come as texts
  bool Uint(unsigned) noexcept { return false; }
  bool Int64(std::int64_t) noexcept { return false; }
  bool Uint64(std::uint64_t) noexcept { return false; }
  bool Double(double) noexcept { return false; }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) noexcept {
    if (is_wanted()) item_.text = keep({text, size}, item_.name.size());
    return value(Kind::number);
  }
  // RapidJSON looks at the text, not at what escapes come to: half a surrogate pair is no
  // character.
  bool String(const char* text, rapidjson::SizeType size, bool) noexcept {
    if (!is_valid_utf8({text, size})) return false;
    if (is_wanted()) item_.text = keep({text, size}, item_.name.size());
    return value(Kind::string);
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) noexcept {
    if (!is_valid_utf8({text, size})) return false;
    const std::string_view key(text, size);
    if (visitor_ != nullptr && depth_ == 1) {
      item_.name = keep(key, 0);
      return is_key_wanted_ = true;
    }
    is_key_wanted_ = depth_ == 1 && name_ && key == *name_;
    return !(is_key_wanted_ && item_.type != Kind::absent);  // the member is there twice
  }
  bool StartObject() noexcept { return open(); }
  bool EndObject(rapidjson::SizeType) noexcept { return close(); }
  bool StartArray() noexcept { return depth_ > 0 && open(); }
  bool EndArray(rapidjson::SizeType) noexcept { return close(); }

  Kind kind() const noexcept { return item_.type; }
  bool boolean() const noexcept { return item_.boolean; }
  /// A string's characters, a number's digits.
  std::string_view text() const noexcept { return item_.text; }

 private:
  bool is_wanted() const noexcept { return depth_ == 1 && is_key_wanted_; }
  /// A name and its value never take more than the text that they stand in.
  std::string_view keep(std::string_view text, std::size_t offset) noexcept {
    WHERRY_ASSERT(text.size() <= memory_.size() - offset);
    char* const place = memory_.data() + offset;
    return {place, text.copy(place, text.size())};
  }
  bool value(Kind kind) noexcept {
    return found(kind) && depth_ > 0;  // the outermost value is an object
  }
  bool open() noexcept { return found(Kind::nested) && ++depth_ <= JsonView::kMaxDepth; }
  /// Returns: whether to go on.
  bool found(Kind type) noexcept {
    if (!is_wanted()) return true;
    item_.type = type;
    is_key_wanted_ = false;
    return visitor_ == nullptr || visitor_->member(item_);
  }
  bool close() noexcept {
    --depth_;
    return true;
  }

  std::optional<std::string_view> name_;
  JsonVisitor* visitor_ = nullptr;
  std::span<char> memory_;
  std::size_t depth_ = 0;
  bool is_key_wanted_ = false;
  JsonItem item_;
};

using Reader = rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, LentMemory>;
// Only strings may hold what is not ASCII, and the Finder looks at each: at what escapes come to
// too.
constexpr unsigned kStrict = rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag;

bool take_digits(TextStream& stream) noexcept {
  const std::size_t start = stream.Tell();
  while (is_digit(stream.Peek())) stream.Take();
  return stream.Tell() > start;
}

/// number = [ minus ] int [ frac ] [ exp ]  (RFC 8259 §6)
bool take_number(TextStream& stream) noexcept {
  if (stream.Peek() == '-') stream.Take();
  if (stream.Peek() == '0') {
    stream.Take();
  } else if (!take_digits(stream)) {
    return false;
  }
  if (stream.Peek() == '.') {
    stream.Take();
    if (!take_digits(stream)) return false;
  }
  if (stream.Peek() == 'e' || stream.Peek() == 'E') {
    stream.Take();
    if (stream.Peek() == '+' || stream.Peek() == '-') stream.Take();
    if (!take_digits(stream)) return false;
  }
  return true;
}

}  // namespace
}  // namespace wherry::app

// RapidJSON computes a number's value also where it is asked for its text alone. On a core without
// a unit for fractions that is 3 KB of code, for a value that nobody wants.
template <>
template <>
inline void wherry::app::Reader::ParseNumber<wherry::app::kStrict>(wherry::app::TextStream& stream,
                                                                   wherry::app::Finder& finder) {
  const std::size_t start = stream.Tell();
  if (!wherry::app::take_number(stream)) {
    parseResult_.Set(rapidjson::kParseErrorValueInvalid, stream.Tell());
    return;
  }
  const std::string_view number = stream.since(start);
  if (!finder.RawNumber(number.data(), static_cast<rapidjson::SizeType>(number.size()), false)) {
    parseResult_.Set(rapidjson::kParseErrorTermination, start);
  }
}

namespace wherry::app {
namespace {

/// `end`: where it came to an end. Returns: whether that is the text's, without a fault.
bool scan(std::string_view text, std::span<char> memory, Finder& finder,
          std::size_t& end) noexcept {
  LentMemory lent(memory);
  Reader reader(&lent, memory.size());
  TextStream stream(text);
  const bool is_error = reader.Parse<kStrict>(stream, finder).IsError();
  end = stream.Tell();
  return !is_error && end >= text.size();
}

bool scan(std::string_view text, std::span<char> memory, Finder& finder) noexcept {
  std::size_t end = 0;
  return scan(text, memory, finder, end);
}

// The first part of the memory is the parser's stack, which holds numbers too and so is aligned;
// the last keeps a string that was found.
std::span<char> stack_part(std::span<char> memory, std::string_view text) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  const std::size_t skipped =
      (alignof(std::uint64_t) - address % alignof(std::uint64_t)) % alignof(std::uint64_t);
  return memory.first(memory.size() - text.size()).subspan(skipped);
}

/// Errors: bad_json when the member is there twice.
Result<> find(Finder& finder, std::string_view text, std::span<char> memory) noexcept {
  if (!scan(text, stack_part(memory, text), finder)) return Error::bad_json;
  return {};
}

std::span<char> string_part(std::span<char> memory, std::string_view text) noexcept {
  return memory.last(text.size());
}

}  // namespace

Result<JsonView> JsonView::parse(std::string_view text, std::span<char> memory) noexcept {
  if (text.find('\0') != std::string_view::npos || !is_valid_utf8(text)) return Error::bad_json;
  WHERRY_ASSERT(memory.size() >= memory_for(text.size()));
  Finder finder;
  if (!scan(text, stack_part(memory, text), finder)) return Error::bad_json;
  return JsonView(text, memory);
}

Result<> JsonView::visit(std::string_view text, std::span<char> memory, JsonVisitor& visitor,
                         std::size_t& end) noexcept {
  WHERRY_ASSERT(memory.size() >= memory_for(text.size()));
  Finder finder(visitor, string_part(memory, text));
  const bool is_whole = scan(text, stack_part(memory, text), finder, end);
  end = std::min(end, text.size());
  // A NUL ends the text for the parser, wherever it stands.
  return is_whole && !text.contains('\0') ? Result<>() : Result<>(Error::bad_json);
}

Result<std::optional<std::uint64_t>> JsonView::unsigned_integer(
    std::string_view name) const noexcept {
  Finder found(name, string_part(memory_, text_));
  if (const Result<> result = find(found, text_, memory_); !result) return result.error();
  if (found.kind() == Kind::absent) return std::optional<std::uint64_t>();
  if (found.kind() != Kind::number) return Error::bad_request;
  const auto number = parse_decimal(found.text());
  if (number) return std::optional(*number);
  if (found.text() == "-0") return std::optional<std::uint64_t>(0);
  return Error::bad_request;
}

Result<std::optional<std::int64_t>> JsonView::integer(std::string_view name) const noexcept {
  Finder found(name, string_part(memory_, text_));
  if (const Result<> result = find(found, text_, memory_); !result) return result.error();
  if (found.kind() == Kind::absent) return std::optional<std::int64_t>();
  if (found.kind() != Kind::number) return Error::bad_request;
  const bool is_negative = found.text().starts_with('-');
  const auto size = parse_decimal(found.text().substr(is_negative ? 1 : 0));
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!size || *size > kMax + (is_negative ? 1 : 0)) return Error::bad_request;
  return std::optional(static_cast<std::int64_t>(is_negative ? 0 - *size : *size));
}

Result<std::optional<double>> JsonView::number(std::string_view name) const noexcept {
  Finder found(name, string_part(memory_, text_));
  if (const Result<> result = find(found, text_, memory_); !result) return result.error();
  if (found.kind() == Kind::absent) return std::optional<double>();
  if (found.kind() != Kind::number) return Error::bad_request;
  double number = 0;
  const char* const end = found.text().data() + found.text().size();
  const auto read = std::from_chars(found.text().data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return Error::bad_request;
  return std::optional(number);
}

Result<std::optional<bool>> JsonView::boolean(std::string_view name) const noexcept {
  Finder found(name, string_part(memory_, text_));
  if (const Result<> result = find(found, text_, memory_); !result) return result.error();
  std::optional<bool> value;
  if (found.kind() == Kind::boolean) value = found.boolean();
  if (!value && found.kind() != Kind::absent) return Error::bad_request;
  return value;
}

Result<std::optional<std::string_view>> JsonView::string(std::string_view name) const noexcept {
  Finder found(name, string_part(memory_, text_));
  if (const Result<> result = find(found, text_, memory_); !result) return result.error();
  if (found.kind() == Kind::absent) return std::optional<std::string_view>();
  if (found.kind() != Kind::string) return Error::bad_request;
  return std::optional(found.text());
}

}  // namespace wherry::app
