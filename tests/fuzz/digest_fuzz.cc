// SPDX-License-Identifier: MIT
// Invariants: digests that are read are written so that they are read again as the same; base64
// that is read is the one text of its bytes; a CRC that is read is written as the same number;
// members of a dictionary are parts of the field, in order.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wherry/base/base64.h"
#include "wherry/base/number.h"
#include "wherry/http/digest.h"
#include "wherry/http/structured_field.h"

namespace {

using namespace wherry;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_dictionary(std::string_view value) {
  http::DictionaryReader reader(value);
  const char* behind = value.data();
  while (true) {
    const auto member = reader.next();
    if (!member || !*member) return;
    require((*member)->key.data() >= behind && !(*member)->key.empty());
    behind = (*member)->key.data() + (*member)->key.size();
    if ((*member)->text.empty()) continue;
    require((*member)->text.data() > behind);
    behind = (*member)->text.data() + (*member)->text.size();
    require(behind <= value.data() + value.size());
  }
}

void check_digests(std::string_view value) {
  http::Digests digests;
  if (!http::read_digests(value, digests)) return;
  std::string written;
  if (digests.sha256) written += http::digest_field(*digests.sha256).view();
  if (digests.crc32c) {
    written += written.empty() ? "" : ", ";
    written += http::digest_field(*digests.crc32c).view();
  }
  http::Digests again;
  require(http::read_digests(written, again).has_value() && again == digests);
}

void check_base64(std::string_view text) {
  std::array<std::byte, 256> into;
  const auto size = base64_decode(text, into);
  if (!size) return;
  std::array<char, base64_size(256)> memory;
  TextWriter writer{std::span<char>(memory)};
  append_base64(Bytes(into).first(*size), writer);
  require(!writer.overflowed() && writer.view() == text);
}

void check_crc(std::string_view text) {
  const auto value = parse_hex32(text);
  if (!value) return;
  require(text.size() <= 10);
  const auto again = parse_hex32(hex32(*value).view());
  require(again.has_value() && *again == *value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_dictionary(text);
  check_digests(text);
  check_base64(text);
  check_crc(text);
  return 0;
}
