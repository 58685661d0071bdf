// SPDX-License-Identifier: MIT
// Invariant: a range that is found is not empty and lies inside the representation; what is written
// about it reads back as the same range.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "wherry/http/range.h"

namespace {

using namespace wherry::http;

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint64_t representation_size = 0;
  if (size < sizeof representation_size) return 0;
  std::memcpy(&representation_size, data, sizeof representation_size);
  const std::string_view value(reinterpret_cast<const char*>(data) + sizeof representation_size,
                               size - sizeof representation_size);
  require(unsatisfied_content_range(representation_size).view().starts_with("bytes */"));
  const RangeSelection selection = parse_range(value, representation_size);
  if (selection.kind != RangeSelection::Kind::single) {
    require(selection.range == ByteRange{});
    return 0;
  }
  const ByteRange range = selection.range;
  require(range.size != 0 && range.first < representation_size);
  require(range.size <= representation_size - range.first);
  std::string written(content_range(range, representation_size).view());
  written.erase(written.find('/'));
  written[written.find(' ')] = '=';
  require(parse_range(written, representation_size) == selection);
  return 0;
}
