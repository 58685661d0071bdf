// SPDX-License-Identifier: MIT
#include "wherry/app/report.h"

#include <array>

namespace wherry::app {

void Report::tell(std::uint16_t status, std::uint64_t sent, Error outcome) noexcept {
  TransferLog* log = is_told_ ? nullptr : session_->log;
  is_told_ = true;
  if (log == nullptr) return;
  const Transfer& transfer = request_->transfer();
  const std::uint64_t size =
      transfer.size.value_or(transfer.is_upload ? request_->body().received_bytes() : sent);
  // The CRC-32 of a whole says nothing of the part that went over.
  const bool is_whole = outcome == Error::none && request_->method() != http::Method::head;
  std::array<char, net::Connection::kPeerBytes> peer;
  TransferRecord record{session_->connection->peer(peer),
                        method(),
                        path(),
                        status,
                        size,
                        is_whole ? transfer.crc32 : std::nullopt,
                        duration_ms(),
                        outcome,
                        request_->body().received_bytes(),
                        sent_bytes()};
  record.is_request = true;
  record.is_watching = transfer.is_watching;
  record.id = arrival_->id;
  record.announced_size = announced_size();
  log->record(record);
}

std::optional<std::uint64_t> Report::announced_size() const noexcept {
  if (request_->transfer().is_upload) return request_->content_length();
  return response_ != nullptr ? response_->size() : std::nullopt;
}

std::uint64_t Report::bytes() const noexcept {
  if (request_->transfer().is_upload) return request_->body().received_bytes();
  const std::uint64_t sent = content_sent();
  return std::min(sent, announced_size().value_or(sent));
}

std::uint64_t Report::rate() const noexcept {
  return bytes() * 1000 / std::max<std::uint64_t>(duration_ms(), 1);
}

}  // namespace wherry::app
