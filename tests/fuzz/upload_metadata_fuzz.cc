// SPDX-License-Identifier: MIT
// Invariants: the pairs of Upload-Metadata are parts of the field, in order, with unique keys and
// values that fit where they are put; written again they are read as the same. An Upload-Checksum
// that is read has as many bytes as its algorithm.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wherry/base/base64.h"
#include "wherry/http/upload_metadata.h"

namespace {

using namespace wherry;
using Pairs = std::vector<std::pair<std::string, std::string>>;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Returns: whether all of it was well formed.
bool read_all(std::string_view field, Pairs& pairs) {
  std::vector<char> memory(field.size());
  http::MetadataReader reader(field, memory);
  const char* behind = field.data();
  std::size_t value_bytes = 0;
  while (true) {
    const auto pair = reader.next();
    if (!pair) return false;
    if (!*pair) return true;
    const auto& [key, value] = **pair;
    require(key.data() >= behind && !key.empty());
    behind = key.data() + key.size();
    require(behind <= field.data() + field.size());
    value_bytes += value.size();
    require(value_bytes <= memory.size());
    pairs.emplace_back(key, value);
  }
}

std::string write(const Pairs& pairs) {
  std::string field;
  for (const auto& [key, value] : pairs) {
    std::string encoded(base64_size(value.size()), '\0');
    TextWriter writer{std::span<char>(encoded)};
    append_base64(as_bytes(value), writer);
    field.append(field.empty() ? "" : ",").append(key).append(" ").append(encoded);
  }
  return field;
}

void check_metadata(std::string_view field) {
  Pairs pairs;
  if (!read_all(field, pairs)) return;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) require(pairs[i].first != pairs[j].first);
  }
  Pairs again;
  require(read_all(write(pairs), again) && again == pairs);
}

void check_checksum(std::string_view field) {
  const auto checksum = http::parse_upload_checksum(field);
  if (!checksum) return;
  constexpr std::size_t kSizes[] = {20, 32, 4};
  require(checksum->value().size() == kSizes[static_cast<std::size_t>(checksum->algorithm)]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data),
                              std::min<std::size_t>(size, 1024));
  check_metadata(text);
  check_checksum(text);
  return 0;
}
