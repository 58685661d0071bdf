// SPDX-License-Identifier: MIT
// Invariant: ranges that are found are not empty, lie inside the representation and together are
// not larger than it; what is written about them reads back as the same ranges.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "wherry/http/byte_ranges.h"
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
  std::array<ByteRange, kMaxRanges> into;
  const RangeSelection selection = select_ranges(value, representation_size, into);
  require((selection.kind == RangeSelection::Kind::partial) == !selection.ranges.empty());
  if (selection.ranges.empty()) return 0;
  std::string again = "bytes=";
  std::uint64_t sum = 0;
  for (const ByteRange& range : selection.ranges) {
    require(range.size != 0 && range.first < representation_size);
    require(range.size <= representation_size - range.first);
    require(range.size <= representation_size - sum);
    sum += range.size;
    std::string written(content_range(range, representation_size).view());
    written.erase(written.find('/'));
    again += written.substr(written.find(' ') + 1) + ",";
  }
  std::array<ByteRange, kMaxRanges> into_again;
  const RangeSelection same = select_ranges(again, representation_size, into_again);
  require(std::ranges::equal(same.ranges, selection.ranges));
  const ByteRanges framing(make_boundary(sum), "text/plain", representation_size);
  const auto body_size = framing.body_size(selection.ranges);
  require(!body_size || *body_size > sum);
  return 0;
}
