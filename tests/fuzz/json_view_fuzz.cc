// SPDX-License-Identifier: MIT
// Invariant: no text, in exactly the memory that its size asks for, is read or written beyond;
// what parses is one object of valid UTF-8, no shorter part of it parses, its strings are UTF-8,
// and each member that is found is written by JsonWriter as a text that reads the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wherry/app/json_view.h"
#include "wherry/app/json_writer.h"
#include "wherry/base/utf8.h"

namespace {

using namespace wherry;
using app::JsonView;

void check(bool holds) {
  if (!holds) std::abort();
}

/// A text and its memory, each in a block of its own of just its size.
struct Document {
  explicit Document(std::string_view from)
      : text(from.begin(), from.end()),
        memory(JsonView::memory_for(from.size())),
        view(JsonView::parse({text.data(), text.size()}, memory)) {}
  std::vector<char> text;
  std::vector<char> memory;
  Result<JsonView> view;
};

/// `{name: value}` as JsonWriter writes it; nothing when the name is not UTF-8.
std::optional<std::string> written(std::string_view name, const app::JsonValue& value) {
  std::vector<char> memory(name.size() * 6 + 70'000);
  app::JsonWriter writer(memory);
  const auto text = writer.object({{name, value}}).text();
  if (!text) check(!is_valid_utf8(name));
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

void check_members(const JsonView& json, std::string_view name) {
  const auto whole = json.unsigned_integer(name);
  const auto negative = json.integer(name);
  const auto truth = json.boolean(name);
  const auto number = json.number(name);
  const auto text = json.string(name);
  for (const Error error :
       {error_of(whole), error_of(negative), error_of(truth), error_of(number), error_of(text)}) {
    check(error == Error::none || error == Error::bad_request || error == Error::bad_json);
    check((error == Error::bad_json) == (error_of(whole) == Error::bad_json));
  }
  if (error_of(whole) == Error::bad_json) return;  // it is there twice
  if (whole && *whole) {
    check(number && *number && !truth && !text);
    if (const auto again = written(name, **whole)) {
      check(Document(*again).view->unsigned_integer(name).value() == *whole);
    }
  }
  if (negative && *negative) {
    if (const auto again = written(name, **negative)) {
      check(Document(*again).view->integer(name).value() == *negative);
    }
  }
  if (truth && *truth) {
    if (const auto again = written(name, **truth)) {
      check(Document(*again).view->boolean(name).value() == *truth);
    }
  }
  if (text && *text) {
    check(is_valid_utf8(**text));
    const std::string kept(**text);
    if (const auto again = written(name, std::string_view(kept))) {
      check(Document(*again).view->string(name).value() == kept);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // The first byte tells how long the name is that is asked for; the rest is the text.
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t name_size = input.empty() ? 0 : static_cast<unsigned char>(input[0]) % 16;
  if (input.size() < 1 + name_size) return 0;
  const std::string name(input.substr(1, name_size));
  const std::string_view text = input.substr(1 + name_size);
  if (text.size() > 8192) return 0;

  const Document document(text);
  check(error_of(document.view) == Error::none || error_of(document.view) == Error::bad_json);
  if (!document.view) return 0;
  check(is_valid_utf8(text) && text.find('\0') == std::string_view::npos);
  check_members(*document.view, name);
  check_members(*document.view, "size");
  const std::size_t end = text.find_last_of('}');
  for (std::size_t cut = end > 64 ? end - 64 : 0; cut <= end; ++cut) {
    check(!Document(text.substr(0, cut)).view);
  }
  check(Document(" \r\n\t" + std::string(text) + " \n").view.has_value());
  check(!Document(std::string(text) + "}").view);
  return 0;
}
