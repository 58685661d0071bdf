// SPDX-License-Identifier: MIT
// One file from a URL: fetched, gone on with after each cut by Range and If-Range, verified, named.
// Keeps: bytes of two versions of a file are never mixed; nothing is under its name before it is
// whole.
#pragma once

#include <optional>
#include <string>

#include "cli/client/console.h"
#include "cli/client/exchange.h"
#include "cli/client/options.h"
#include "cli/client/partial_file.h"
#include "cli/client/result.h"
#include "cli/client/retry.h"

namespace wherry::cli {

class Fetcher : private BodySink {
 public:
  /// Lifetime: all that it is given outlives it.
  Fetcher(const GetOptions& options, Console& console, Exchanger& exchanger, std::string url);

  TransferResult run();

 private:
  bool begin(const ReplyHead& head) override;
  bool write(Bytes bytes) override;

  bool choose_place();
  void read_head(const ReplyHead& head);
  bool go_on_with(const ReplyHead& head);
  bool begin_anew(const ReplyHead& head);
  void fetch();
  Reply attempt();
  bool ends_with(const Reply& reply);
  bool is_whole_by(const Reply& reply);
  void verify();
  bool ask_digest();
  bool restart(const std::string& validator);
  bool has_said_digest();
  void finish();
  void show_done();

  const GetOptions& options_;
  Console& console_;
  Exchanger& exchanger_;
  Retry retry_;
  TransferResult result_;
  PartialFile part_;
  std::string place_;                   // path of the file to be
  bool may_be_renamed_ = false;         // Content-Disposition has a say
  std::optional<std::string> renamed_;  // the path that it says
  std::optional<std::uint64_t> total_;
  std::optional<std::uint32_t> said_crc32_;
  std::string said_digest_;
  std::string local_error_;
  bool is_mixed_up_ = false;     // the last reply was of other bytes than were asked for
  bool mismatched_ = false;      // begun anew once since the checksum was wrong
  std::int64_t shown_done_ = 0;  // what the console has been told
  std::int64_t shown_total_ = 0;
};

}  // namespace wherry::cli
