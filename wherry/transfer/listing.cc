// SPDX-License-Identifier: MIT
#include "wherry/transfer/listing.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "wherry/app/json_writer.h"
#include "wherry/base/escape.h"
#include "wherry/base/number.h"
#include "wherry/base/percent.h"
#include "wherry/base/text_writer.h"
#include "wherry/http/accept.h"
#include "wherry/http/date.h"
#include "wherry/storage/path.h"

namespace wherry::transfer {
namespace {

using app::Request;
using app::Response;
using storage::FolderEntry;
using storage::FolderPage;
using storage::FolderPosition;

enum class Format : std::uint8_t { html, json, text };

// In the order in which they are preferred where a client does not say.
constexpr std::array<std::string_view, 3> kOffered = {"text/html", "application/json",
                                                      "text/plain"};
constexpr std::array<std::string_view, 3> kContentTypes = {
    "text/html; charset=utf-8", "application/json", "text/plain; charset=utf-8"};

// ---------------------------------------------------------------- where a list goes on

/// What the client asks for, and the memory in which it is written.
struct Wanted {
  std::optional<std::uint32_t> limit;
  FolderPosition position;
  Format format = Format::html;
  std::span<char> memory;
};

/// "c" and the cookie in hexadecimal digits, or "n" and the name.
Result<FolderPosition> parse_cursor(std::string_view cursor) noexcept {
  if (cursor.starts_with('n') && cursor.size() > 1) return FolderPosition{0, cursor.substr(1)};
  if (!cursor.starts_with('c')) return Error::bad_request;
  const auto cookie = parse_hex(cursor.substr(1));
  if (!cookie || *cookie == 0) return Error::bad_request;
  return FolderPosition{*cookie, {}};
}

/// Room for an entry of the longest name, or of the longest that a client could ask for here.
std::size_t text_bytes(const app::Limits& limits) noexcept {
  constexpr std::size_t kLongest = 9 * storage::kMaxSegmentBytes + 512;
  return std::min(kLongest, 2 * limits.max_readline + 256);
}

/// Errors: bad_request, no_memory.
Result<Wanted> parse_wanted(Request& request) noexcept {
  Wanted wanted;
  const auto limit = request.query("limit");
  if (!limit) return limit.error();
  if (*limit) {
    const auto number = parse_decimal(**limit);
    if (!number || *number == 0) return Error::bad_request;
    wanted.limit = static_cast<std::uint32_t>(std::min<std::uint64_t>(*number, UINT32_MAX));
  }
  const auto cursor = request.query("cursor");
  if (!cursor) return cursor.error();
  if (*cursor) {
    const auto position = parse_cursor(**cursor);
    if (!position) return position.error();
    wanted.position = *position;
  }
  wanted.format = static_cast<Format>(http::best_media_type(request.head(), kOffered).value_or(0));
  const auto memory = request.scratch().text(text_bytes(request.limits()));
  if (!memory) return memory.error();
  wanted.memory = *memory;
  return wanted;
}

/// `?limit=100&cursor=c1f3`: relative to the folder's own address.
void write_next(const Wanted& wanted, const FolderPosition& position, TextWriter& into) noexcept {
  into.append("?limit=").append_decimal(*wanted.limit).append("&cursor=");
  if (position.cookie != 0) {
    into.append('c').append_hex(position.cookie);
  } else {
    into.append('n');
    percent_encode_component(position.name, into);
  }
}

/// Returns: the address of what follows `page`, in request memory; empty: nothing does.
/// Errors: no_memory.
Result<std::string_view> next_address(Request& request, const Wanted& wanted,
                                      const FolderPage& page) noexcept {
  if (!wanted.limit || page.count() == 0 || page.is_last()) return std::string_view();
  const FolderPosition position = page[page.count() - 1].position();
  const std::size_t size = sizeof("?limit=4294967295&cursor=c") + 16 + 3 * position.name.size();
  const auto memory = request.scratch().text(size);
  if (!memory) return memory.error();
  TextWriter writer(*memory);
  write_next(wanted, position, writer);
  request.scratch().trim(writer.size());
  return writer.view();
}

// ---------------------------------------------------------------- how it is written

/// The parts of a list, each whole, in memory that is used again and again.
class ListText {
 public:
  ListText(Format format, std::span<char> memory) noexcept
      : format_(format), text_(memory), json_(memory) {}

  void begin(std::string_view folder, FolderPage::Order order) noexcept {
    if (format_ == Format::json) {
      json_.begin_object().key("path").value(folder);
      json_.key("order").value(order == FolderPage::Order::name ? "name" : "storage");
      json_.key("entries").begin_array();
    } else if (format_ == Format::html) {
      begin_page(folder);
    }
  }

  /// Bytes that add() takes at the most.
  std::size_t bound(const FolderEntry& entry) const noexcept {
    constexpr std::size_t kNumbers = 192;  // the rest of the row, with its four numbers
    switch (format_) {
      case Format::html:
        return (3 + 6) * entry.name.size() + kNumbers;
      case Format::json:
        return app::json_string_size(entry.name) + kNumbers;
      case Format::text:
        return entry.name.size() + sizeof("/\n");
    }
    return 0;
  }
  std::size_t room() const noexcept {
    return format_ == Format::json ? json_.room() : text_.room();
  }

  void add(const FolderEntry& entry) noexcept {
    switch (format_) {
      case Format::html:
        return add_row(entry);
      case Format::json:
        return add_object(entry);
      case Format::text:
        text_.append(entry.name).append(entry.is_folder ? "/\n" : "\n");
    }
  }

  /// `next`: address of what follows; empty: nothing does.
  void end(std::string_view next) noexcept {
    if (format_ == Format::json) {
      json_.end_array();
      if (!next.empty()) json_.key("next").value(next);
      json_.end_object();
    } else if (format_ == Format::html) {
      text_.append("</table>\n");
      if (next.empty()) return;
      text_.append("<p><a href=\"");
      append_html(text_, next);
      text_.append("\">More</a></p>\n");
    }
  }
  static std::size_t end_bound(std::string_view next) noexcept { return 6 * next.size() + 64; }

  /// Returns: what has been written since the last call.  Errors: internal: not UTF-8.
  Result<Bytes> take() noexcept {
    if (format_ != Format::json) {
      WHERRY_ASSERT(!text_.overflowed());  // each part found its room
      const Bytes written = as_bytes(text_.view());
      text_.clear();
      return written;
    }
    const auto text = json_.text();
    if (!text) return text.error();
    json_.clear();
    return as_bytes(*text);
  }

 private:
  void begin_page(std::string_view folder) noexcept {
    const std::string_view name = folder.substr(folder.rfind('/') + 1);
    text_.append(
        "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    append_html(text_, name.empty() ? "Files" : name);
    text_.append("</title>\n");
    if (!name.empty()) text_.append("<p><a href=\"../\">Up</a></p>\n");
    text_.append("<table>\n<tr><th>Name<th>Bytes<th>Modified<th>CRC-32\n");
  }

  void add_row(const FolderEntry& entry) noexcept {
    text_.append("<tr><td><a href=\"");
    percent_encode_component(entry.name, text_);
    text_.append(entry.is_folder ? "/\">" : "\">");
    append_html(text_, entry.name);
    text_.append(entry.is_folder ? "/</a><td>" : "</a><td>");
    if (!entry.is_folder) text_.append_decimal(entry.size);
    text_.append("<td>");
    if (entry.modified_s) text_.append(http::http_date(*entry.modified_s).view());
    text_.append("<td>");
    if (entry.crc32) text_.append(hex32(*entry.crc32).view());
    text_.append('\n');
  }

  void add_object(const FolderEntry& entry) noexcept {
    json_.begin_object().key("name").value(entry.name);
    json_.key("type").value(entry.is_folder ? "folder" : "file");
    if (!entry.is_folder) json_.key("size").value(entry.size);
    if (entry.modified_s) json_.key("modified_s").value(*entry.modified_s);
    if (entry.crc32) json_.key("crc32").value(hex32(*entry.crc32));
    json_.end_object();
  }

  Format format_;
  TextWriter text_;       // of HTML and plain text
  app::JsonWriter json_;  // in the same memory
};

// ---------------------------------------------------------------- how it is sent

struct Listing {
  std::string_view path;
  storage::Folder folder;
  FolderPage page;
  std::string_view next;
  bool has_limit;
};

coro::AsyncGenerator<Bytes> make_list(Request&, Listing listing, Format format,
                                      std::span<char> memory) {
  ListText text(format, memory);
  text.begin(listing.path, listing.page.order());
  while (true) {
    for (std::uint32_t i = 0; i < listing.page.count(); ++i) {
      const FolderEntry entry = listing.page[i];
      if (text.bound(entry) > text.room()) co_yield co_await text.take();
      if (text.bound(entry) <= text.room()) text.add(entry);
    }
    if (listing.has_limit || listing.page.is_last() || listing.page.count() == 0) break;
    listing.page = co_await listing.folder.read();
  }
  if (text.end_bound(listing.next) > text.room()) co_yield co_await text.take();
  text.end(listing.next);
  co_yield co_await text.take();
}

void add_link(Request& request, Response& response, std::string_view next) noexcept {
  constexpr std::string_view kRelation = ">; rel=\"next\"";
  const auto memory = request.scratch().text(next.size() + kRelation.size() + 1);
  if (!memory) return response.lacks_memory();
  TextWriter value(*memory);
  value.append('<').append(next).append(kRelation);
  response.header("Link", value.view());
}

/// Errors: no_memory.
Result<Response> list_reply(Request& request, std::string_view path, const Wanted& wanted,
                            storage::Folder folder, const FolderPage& page) noexcept {
  const auto next = next_address(request, wanted, page);
  if (!next) return next.error();
  Listing listing{path, std::move(folder), page, *next, wanted.limit.has_value()};
  Response response =
      app::stream(request, make_list(request, std::move(listing), wanted.format, wanted.memory),
                  std::nullopt, kContentTypes[static_cast<std::size_t>(wanted.format)]);
  response.header("Listing-Order", page.order() == FolderPage::Order::name ? "name" : "storage")
      .header("Vary", "Accept")
      .header("Cache-Control", "no-cache")
      .header("X-Content-Type-Options", "nosniff")
      .header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (!next->empty()) add_link(request, response, *next);
  return response;
}

}  // namespace

coro::Task<app::Response> list(app::Request& request, std::string_view path) {
  const Wanted wanted = co_await parse_wanted(request);
  storage::Folder folder = co_await request.storage().list(path, wanted.position);
  const FolderPage page = co_await folder.read(wanted.limit.value_or(UINT32_MAX));
  co_return list_reply(request, path, wanted, std::move(folder), page);
}

}  // namespace wherry::transfer
