// SPDX-License-Identifier: MIT
// Invariant: decoding in any pieces, or with data read past the decoder, gives the data, the end
// and the error of decoding the whole; data is part of the input, and its total is that of the
// sizes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/http/chunked.h"

namespace {

using namespace wherry;

void check(bool holds) {
  if (!holds) std::abort();
}

struct Outcome {
  Error error = Error::none;
  bool finished = false;
  std::size_t consumed = 0;
  std::string data;
  bool operator==(const Outcome&) const = default;
};

/// Decodes `part`; every other run of data is read past the decoder when `bypass` says so.
void feed(http::ChunkedDecoder& decoder, std::string_view part, bool bypass, Outcome& outcome) {
  while (!part.empty() && !outcome.finished && outcome.error == Error::none) {
    if (bypass && decoder.data_expected() != 0) {
      const auto size =
          static_cast<std::size_t>(std::min<std::uint64_t>(decoder.data_expected(), part.size()));
      outcome.data += part.substr(0, size);
      outcome.consumed += size;
      decoder.data_taken(size);
      part.remove_prefix(size);
      continue;
    }
    const std::uint64_t expected = decoder.data_expected();
    const Result<http::ChunkedDecoder::Step> step = decoder.decode(as_bytes(part));
    if (!step) {
      outcome.error = step.error();
      return;
    }
    const std::string_view data = as_text(step->data);
    check(step->consumed > 0 || step->finished);
    check(step->consumed <= part.size());
    check(!data.empty() || step->finished || step->consumed == part.size());
    check(data.empty() || data.data() + data.size() == part.data() + step->consumed);
    check(expected == 0 || data.size() + decoder.data_expected() == expected);
    outcome.data += data;
    outcome.consumed += step->consumed;
    outcome.finished = step->finished;
    part.remove_prefix(step->consumed);
  }
}

Outcome decode(std::string_view text, std::string_view steps, bool bypass) {
  http::ChunkedDecoder decoder;
  Outcome outcome;
  for (std::size_t i = 0; !text.empty(); ++i) {
    const std::size_t step =
        steps.empty() ? 1 : static_cast<unsigned char>(steps[i % steps.size()]);
    const std::string_view part = text.substr(0, std::max<std::size_t>(step % 40, 1));
    feed(decoder, part, bypass, outcome);
    text.remove_prefix(part.size());
  }
  check(decoder.finished() == outcome.finished);
  if (outcome.error != Error::none) {
    // How much was consumed before the error depends on the cut, what it was does not.
    outcome.consumed = 0;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  // The first byte tells how many bytes of steps follow; the rest is what a client sends.
  const std::size_t step_count = input.empty() ? 0 : static_cast<unsigned char>(input[0]) % 8;
  if (input.size() < 1 + step_count) return 0;
  const std::string_view steps = input.substr(1, step_count);
  const std::string_view text = input.substr(1 + step_count);

  http::ChunkedDecoder decoder;
  Outcome whole;
  feed(decoder, text, false, whole);
  check(whole.error == Error::none || whole.error == Error::malformed);
  if (whole.error != Error::none) whole.consumed = 0;
  check(decode(text, {}, false) == whole);
  check(decode(text, steps, false) == whole);
  check(decode(text, steps, true) == whole);
  return 0;
}
