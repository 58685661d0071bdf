// SPDX-License-Identifier: MIT
// Response: what a handler answers: a status, header fields, and a body that is there already, lies
// in a file, or is made while it is sent. The functions below make the usual ones.
//
// A response is a handle, moved only: what it says lies in the request's memory, once, whatever
// frames it passes through. One for which that had no room is sent as 503.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "wherry/app/json_writer.h"
#include "wherry/app/request.h"
#include "wherry/base/error.h"
#include "wherry/coro/generator.h"
#include "wherry/http/byte_ranges.h"
#include "wherry/http/range.h"
#include "wherry/http/set_cookie.h"

namespace wherry::app {

/// Bytes that can be made from any offset on.
class Seekable {
 public:
  /// Makes the bytes of `range`, the same ones each time. Not a coroutine itself: it calls one,
  /// whose first parameter is the request. Lifetime: the generator ends before the request does;
  /// this object, after it.
  virtual coro::Generator<Bytes> generate(Request& request, http::ByteRange range) const = 0;

 protected:
  ~Seekable() = default;
};

class Response {
 public:
  /// A part of a stored file.
  struct FileBody {
    storage::File file;
    http::ByteRange range;
  };
  using Content = std::variant<std::monostate, Bytes, FileBody, coro::Generator<Bytes>,
                               coro::AsyncGenerator<Bytes>>;
  /// Several ranges of one representation, the first of which the content is. Each is sent between
  /// the heads of its neighbours (multipart/byteranges).
  struct Parts {
    http::ByteRanges framing;
    std::span<const http::ByteRange> ranges;
    const Seekable* source;  // who makes the others; nullptr: they are in the same file
  };
  struct Field {
    Field* next;
    std::string_view name;
    std::string_view value;
  };

  /// A response without a body.
  /// Lifetime: it ends before `request` does.
  Response(Request& request, std::uint16_t status) noexcept;

  /// Adds a header field. Name and value must live in request memory or for ever.
  Response& header(std::string_view name, std::string_view value) noexcept;
  // Of literals: fewer arguments, at each of many calls.
  Response& header(const char* name, std::string_view value) noexcept;
  Response& header(const char* name, const char* value) noexcept;

  /// Sets a cookie, beside those that are set already. Its texts are copied. What no cookie may say
  /// (http/set_cookie.h) makes this response 500.
  Response& set_cookie(const http::SetCookie& cookie) noexcept;

  /// Makes the client forget a cookie that was set with this path and domain.
  Response& delete_cookie(std::string_view name, std::string_view path = "",
                          std::string_view domain = "") noexcept;

  /// Sets the body, of `size` bytes; none where that is not known before (sent in chunks).
  Response& content(Content content, std::string_view type,
                    std::optional<std::uint64_t> size) noexcept;

  /// Says what the body will be: content() is where it is put then.
  void announce(std::string_view type, std::uint64_t size) noexcept {
    if (said_ == nullptr) return;
    said_->content_type = type;
    said_->size = size;
  }

  /// Makes the body one of several parts. `parts` must live in request memory.
  void set_parts(const Parts* parts) noexcept {
    if (said_ != nullptr) said_->parts = parts;
  }

  /// Makes this response that of `error` instead: something that belongs to it could not be made.
  void fail(Error error) noexcept {
    if (said_ != nullptr) said_->failure = error;
  }
  /// The same, when there was no memory for it: 503.
  void lacks_memory() noexcept { fail(Error::no_memory); }

  void set_status(std::uint16_t status) noexcept {
    if (said_ != nullptr) said_->status = status;
  }

  /// Takes the memory for the head now, or fails the response. For a handler that changes something
  /// once it has made its response: then nothing is missing to say so. (Otherwise it is taken when
  /// the response is sent.) Fields and content are set before.
  void reserve_head() noexcept;

  /// Returns: what this response is sent as instead of as what it says; none: itself.
  Error failure() const noexcept { return said_ != nullptr ? said_->failure : Error::no_memory; }

  // What it says. One that found no memory, or was moved away, says 503 and nothing else.
  std::uint16_t status() const noexcept {
    return said_ != nullptr ? said_->status : describe(Error::no_memory).status;
  }
  std::string_view content_type() const noexcept {
    return said_ != nullptr ? said_->content_type : std::string_view();
  }
  std::optional<std::uint64_t> size() const noexcept {
    return said_ != nullptr ? said_->size : std::optional<std::uint64_t>(0);
  }
  /// nullptr: there was no memory for any.
  Content* content() noexcept { return said_ != nullptr ? &said_->content : nullptr; }
  /// nullptr: the content is all of the body.
  const Parts* parts() const noexcept { return said_ != nullptr ? said_->parts : nullptr; }
  const Field* first_field() const noexcept {
    return said_ != nullptr ? said_->first_field : nullptr;
  }
  std::span<char> head_memory() const noexcept {
    return said_ != nullptr ? said_->head_memory : std::span<char>();
  }

 private:
  struct Said {
    Scratch* scratch;
    Field* first_field = nullptr;
    Field* last_field = nullptr;
    std::string_view content_type = {};
    std::optional<std::uint64_t> size = 0;
    Content content = {};
    const Parts* parts = nullptr;
    std::span<char> head_memory = {};
    std::uint16_t status;
    std::uint16_t added_head_bytes;
    Error failure = Error::none;
  };
  /// The scratch takes the memory back.
  struct End {
    void operator()(Said* said) const noexcept { std::destroy_at(said); }
  };

  std::unique_ptr<Said, End> said_;
};

/// Plain text.  Lifetime: `content` lives in request memory or for ever.
Response text(Request& request, std::string_view content, std::uint16_t status = 200) noexcept;

/// Bytes of any type.  Lifetime: as text.
Response bytes(Request& request, Bytes content, std::string_view type,
               std::uint16_t status = 200) noexcept;

/// A JSON object of scalars, which are copied. A text that is not UTF-8 makes it a 500.
Response json(Request& request, std::initializer_list<JsonMember> members,
              std::uint16_t status = 200) noexcept;

/// `{"error": sentence}`
Response error_reply(Request& request, std::uint16_t status, std::string_view sentence) noexcept;
Response error_reply(Request& request, std::uint16_t status, const char* sentence) noexcept;

/// What a handler returns that is no coroutine itself: its response, or the error it ends with.
coro::Task<Response> reply(Request& request, Result<Response> response);

/// A body that is made while it is sent. With a size, exactly so many bytes are sent.
Response stream(Request& request, coro::Generator<Bytes> generator,
                std::optional<std::uint64_t> size, std::string_view type) noexcept;
Response stream(Request& request, coro::AsyncGenerator<Bytes> generator,
                std::optional<std::uint64_t> size, std::string_view type) noexcept;

/// A stored file: its type by its name; its version as a strong ETag, its date as Last-Modified,
/// its CRC-32 (of all of it, also where a range is sent) as X-Checksum-CRC32, each where it is
/// known. All conditions, If-Range, one range or several. A page that could run script is
/// sandboxed. To who says Want-Repr-Digest, the file is read before it is sent. Errors: those of
/// Storage::open; disk_failed. Source: RFC 9110 §8.8, §13, §14; RFC 9530 §3, §4.
/// `freshness`: request.freshness(), where this is the first that the handler does.
coro::Task<Response> send_file(Request& request, std::string_view filename,
                               storage::Freshness freshness = storage::Freshness::now);

/// What is known of bytes that are made.
struct SeekableInfo {
  std::uint64_t size;
  std::string_view type;
  /// A strong entity tag, in its quotes: other bytes never have the same under one URL.
  std::string_view etag;
  std::optional<std::uint32_t> crc32 = std::nullopt;
};

/// The same for bytes that `source` makes: for GET and HEAD. They are made twice for who says
/// Want-Repr-Digest, up to 64 MiB; beyond that the wish is not granted.
/// Errors: no_memory.
/// Lifetime: `source` and the texts live in request memory or for ever.
coro::Task<Response> send_seekable(Request& request, const Seekable& source, SeekableInfo info);

}  // namespace wherry::app
