// SPDX-License-Identifier: MIT
#include "cli/client/result.h"

#include "cli/client/format.h"
#include "cli/client/json.h"
#include "wherry/base/number.h"

namespace wherry::cli {
namespace {

std::string to_line(const TransferResult& result) {
  const bool is_get = result.action == "get";
  std::string line = printable(is_get ? result.url : result.file) + " -> " +
                     printable(is_get ? result.file : result.url) + "  " + format_size(result.size);
  if (result.seconds > 0) {
    line += "  " + format_rate(static_cast<double>(result.moved_bytes) / result.seconds);
  }
  if (result.crc32) line += "  CRC-32 " + std::string(hex32(*result.crc32).view());
  line += result.is_verified ? " verified" : " (not verified: the server tells no checksum)";
  if (result.resumes == 1) line += "  resumed once";
  if (result.resumes > 1) line += "  resumed " + std::to_string(result.resumes) + " times";
  if (result.again_bytes > 0) line += ", " + format_size(result.again_bytes) + " sent again";
  return line;
}

}  // namespace

std::string to_json(const TransferResult& result) {
  JsonObject json;
  json.text("action", result.action).text("file", result.file).text("url", result.url);
  json.number("exit", static_cast<std::uint64_t>(result.exit));
  json.number("status", static_cast<std::uint64_t>(result.status)).number("size", result.size);
  json.number(result.action == "get" ? "received_bytes" : "sent_bytes", result.moved_bytes);
  if (result.action == "put") json.number("again_bytes", result.again_bytes);
  json.number("attempts", result.attempts).number("resumes", result.resumes);
  json.text("protocol", result.protocol);
  if (result.crc32) {
    json.text("crc32", hex32(*result.crc32).view());
  } else {
    json.null("crc32");
  }
  json.boolean("verified", result.is_verified).decimal("seconds", result.seconds);
  if (!result.error.empty()) json.text("error", result.error);
  return json.finish();
}

void tell(Console& console, const TransferResult& result) {
  if (console.is_json()) return console.print(to_json(result));
  if (!result.is_done()) {
    const std::string& what = result.action == "get" ? result.url : result.file;
    return console.complain(printable(what) + ": " + result.error);
  }
  if (console.shows_results()) console.print(to_line(result));
}

Exit worst_of(const std::vector<TransferResult>& results) noexcept {
  for (const TransferResult& result : results) {
    if (!result.is_done()) return result.exit;
  }
  return Exit::done;
}

}  // namespace wherry::cli
