// SPDX-License-Identifier: MIT
// The chunked transfer coding: a decoder for what arrives, and the few bytes around a chunk that is
// sent. It must not know buffers, limits of a body or what the data is.
// Invariant: the decoder keeps no data and looks at each byte of framing once; the result does not
// depend on how the input is cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wherry/base/bytes.h"
#include "wherry/base/fixed_string.h"
#include "wherry/base/result.h"

namespace wherry::http {

/// Bytes of the extensions of one chunk: they are skipped, and nobody sends them.
inline constexpr std::size_t kMaxChunkExtensionBytes = 256;

/// Bytes of the extensions of all chunks of a body together (RFC 9112 §7.1.1).
inline constexpr std::size_t kMaxExtensionBytes = 16 * 1024;

/// Bytes of the whole trailer section, line ends included: it is checked and skipped.
inline constexpr std::size_t kMaxTrailerBytes = 4096;

/// Decodes one chunked body.
class ChunkedDecoder {
 public:
  struct Step {
    std::size_t consumed;  // bytes of the input that are done with, those of `data` included
    Bytes data;            // a part of the input; may be empty
    bool finished;         // the body has ended; what is not consumed follows it
  };

  /// Takes framing and then at most one run of data: call again with the rest of the input. A step
  /// without data that is not `finished` has consumed all of its input.
  /// Errors: malformed; the decoder then stays in that error.
  /// Lifetime: `data` is that of `input`.  Memory: none.
  /// Source: RFC 9112 §7.1; only CRLF ends a line, a size has at most 16 digits (64 bits).
  Result<Step> decode(Bytes input) noexcept;

  /// The bytes of the current chunk that are still to come; 0 = framing is expected next. So many
  /// bytes may be read past the decoder, straight to where they are wanted.
  std::uint64_t data_expected() const noexcept { return state_ == State::data ? remaining_ : 0; }

  /// `size` bytes of chunk data were read past the decoder; at most data_expected().
  void data_taken(std::uint64_t size) noexcept;

  bool finished() const noexcept { return state_ == State::finished; }

 private:
  enum class State : std::uint8_t {
    size_first_digit,
    size,
    // extensions (RFC 9112 §7.1.1), in the order of their grammar
    extension_before_semicolon,
    extension_before_name,
    extension_name,
    extension_after_name,
    extension_before_value,
    extension_value,
    extension_quoted,
    extension_escaped,
    extension_after_quoted,
    size_lf,
    data,
    data_cr,
    data_lf,
    // trailer section (RFC 9112 §7.1.2)
    trailer_line_start,
    trailer_name,
    trailer_value,
    trailer_lf,
    final_lf,
    finished,
    failed
  };

  State next(char c) noexcept;
  State next_in_size(char c) noexcept;
  State next_in_extension(char c) noexcept;
  State next_in_trailer(char c) noexcept;
  static State after_size_line_item(char c) noexcept;

  std::uint64_t remaining_ = 0;   // of the current chunk
  std::uint16_t line_bytes_ = 0;  // digits of the size, bytes of its extensions, or of the trailers
  std::uint16_t extension_bytes_ = 0;  // of all chunks so far
  State state_ = State::size_first_digit;
};

/// What goes before a chunk of `size` bytes; `size` is not 0, which would end the body.
/// Returns: the size in hexadecimal digits and CRLF.
FixedString<18> chunk_head(std::size_t size) noexcept;

/// What goes after the data of a chunk.
inline constexpr std::string_view kChunkEnd = "\r\n";

/// What ends a body: the chunk of size 0 and an empty trailer section.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace wherry::http
