// SPDX-License-Identifier: MIT
#include "wherry/app/json_writer.h"

#include "wherry/app/rapidjson.h"

namespace wherry::app {
namespace {

/// A TextWriter as RapidJSON's output stream.
class TextStream {
 public:
  using Ch = char;
  explicit TextStream(TextWriter& text) noexcept : text_(&text) {}
  void Put(char c) noexcept { text_->append(c); }
  void Flush() noexcept {}

 private:
  TextWriter* text_;
};

}  // namespace

void JsonWriter::separate() noexcept {
  if (needs_comma_) text_.append(", ");
  needs_comma_ = false;
}

JsonWriter& JsonWriter::begin_object() noexcept {
  separate();
  text_.append('{');
  return *this;
}

JsonWriter& JsonWriter::end_object() noexcept {
  text_.append('}');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() noexcept {
  separate();
  text_.append('[');
  return *this;
}

JsonWriter& JsonWriter::end_array() noexcept {
  text_.append(']');
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) noexcept {
  separate();
  string(name);
  text_.append(": ");
  return *this;
}

JsonWriter& JsonWriter::key(const char* name) noexcept { return key(std::string_view(name)); }

JsonWriter& JsonWriter::value(const JsonValue& value) noexcept {
  separate();
  if (const auto* text = std::get_if<std::string_view>(&value.value_)) {
    string(*text);
  } else if (const auto* truth = std::get_if<bool>(&value.value_)) {
    text_.append(*truth ? "true" : "false");
  } else if (const auto* number = std::get_if<std::int64_t>(&value.value_)) {
    text_.append_decimal(*number);
  } else {
    text_.append_decimal(*std::get_if<std::uint64_t>(&value.value_));
  }
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::object(std::initializer_list<JsonMember> members) noexcept {
  begin_object();
  for (const JsonMember& member : members) key(member.name).value(member.value);
  return end_object();
}

// RapidJSON's writer does the escaping; the level of a lone string needs no memory to speak of.
void JsonWriter::string(std::string_view text) noexcept {
  std::array<char, 64> levels;
  LentMemory lent(levels);
  TextStream stream(text_);
  rapidjson::Writer<TextStream, rapidjson::UTF8<>, rapidjson::UTF8<>, LentMemory,
                    rapidjson::kWriteValidateEncodingFlag>
      writer(stream, &lent, 1);
  // Refused only for text that is not UTF-8, and then nothing of the reply may go out.
  const bool written = writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  is_refused_ = is_refused_ || !written;
}

Result<std::string_view> JsonWriter::text() const noexcept {
  if (is_refused_) return Error::internal;
  if (text_.overflowed()) return Error::no_memory;
  return text_.view();
}

std::size_t json_string_size(std::string_view text) noexcept {
  std::size_t size = 2;
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      size += 2;
    } else {
      size += static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
    }
  }
  return size;
}

}  // namespace wherry::app
