// SPDX-License-Identifier: MIT
#include "wherry/transfer/upload_note.h"

#include "wherry/base/ascii.h"
#include "wherry/base/assert.h"
#include "wherry/base/text_writer.h"

namespace wherry::transfer {
namespace {

int hex_value(char c) noexcept { return c >= 'A' && c <= 'F' ? -1 : hex_digit_value(c); }

}  // namespace

UploadNames::UploadNames(const Key& key) noexcept {
  TextWriter text(text_);
  text.append(storage::kUploadsFolder).append('/');
  for (const std::byte byte : key) text.append_hex(std::to_integer<std::uint8_t>(byte), 2);
  text.append(kNoteSuffix);
  WHERRY_ASSERT(!text.overflowed());
}

std::optional<UploadNames::Key> UploadNames::parse(std::string_view id) noexcept {
  Key key;
  if (id.size() != kIdSize) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = hex_value(id[2 * i]);
    const int low = hex_value(id[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    key[i] = static_cast<std::byte>(high * 16 + low);
  }
  return key;
}

std::uint32_t uptime_s(const net::Loop& loop) noexcept {
  return static_cast<std::uint32_t>(loop.uptime_ms() / 1000);
}

std::uint64_t age_s(const net::Loop& loop, std::optional<std::int64_t> modified_s,
                    const NoteHead& note) noexcept {
  const auto now_s = loop.unix_time_s();
  if (now_s && modified_s) {
    return *now_s > *modified_s ? static_cast<std::uint64_t>(*now_s - *modified_s) : 0;
  }
  const std::uint32_t up_s = uptime_s(loop);
  return note.uptime_s <= up_s ? up_s - note.uptime_s : up_s;
}

coro::Task<> remove_upload(coro::Context&, storage::Storage& storage, const UploadNames& names) {
  storage::RemoveOptions options;
  options.scope = storage::Scope::uploads;
  const auto note = co_await coro::as_result(storage.remove(names.note(), options));
  const auto bytes = co_await coro::as_result(storage.remove(names.bytes(), options));
  const Error error = note ? error_of(bytes) : error_of(note);
  if (error != Error::none && error != Error::not_found) co_await Result<>(error);
}

}  // namespace wherry::transfer
