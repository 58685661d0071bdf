// SPDX-License-Identifier: MIT
// One file to a URL: by PUT, gone on with after a cut by what the server offers: the IETF's
// resumable uploads (interop version 8), else tus 1.0, else from the start.
// Knows no command line. sender.cc: the way of a file, and plain PUT; sender_ietf.cc,
// sender_tus.cc: each its protocol; sender_note.cc: what goes on from one run to another. Keeps:
// what the server has acknowledged is never sent again; a file counts as sent only when the server
// said so.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/console.h"
#include "cli/client/exchange.h"
#include "cli/client/local_file.h"
#include "cli/client/options.h"
#include "cli/client/result.h"
#include "cli/client/retry.h"
#include "cli/client/upload_notes.h"
#include "wherry/base/crc32.h"

namespace wherry::cli {

/// Which addresses speak tus, once one file has found out. Of all threads.
class TusServers {
 public:
  std::optional<bool> speaks(const std::string& url);
  void remember(const std::string& url, bool speaks);

 private:
  std::mutex mutex_;
  std::map<std::string, bool> known_;
};

/// What is to be sent, and where to.
struct Shipment {
  std::string file;
  std::string url;                                    // in full, with the file's name
  std::optional<std::uint32_t> crc32 = std::nullopt;  // where it is known already
  std::vector<std::string> conditions = {};           // fields: If-Match, If-None-Match
  bool read_once = false;
  bool fresh = false;  // also where an earlier run has begun it
};

/// The CRC-32 of a file that is sent in order, with parts of it again.
class SentChecksum {
 public:
  void update(std::uint64_t offset, Bytes bytes) noexcept;
  std::uint64_t seen_bytes() const noexcept { return seen_bytes_; }
  /// Returns: the CRC-32, when all `size` bytes have been seen.
  std::optional<std::uint32_t> value(std::uint64_t size) const noexcept;

 private:
  std::uint64_t seen_bytes_ = 0;
  Crc32 crc_;
};

class Sender {
 public:
  /// Lifetime: all that it is given outlives it.
  Sender(const ClientOptions& options, Console& console, Exchanger& exchanger, TusServers& tus,
         const UploadNotes& notes, Shipment shipment);

  TransferResult run();

 private:
  enum class Step : std::uint8_t {
    create,
    ask,
    resume,
    append,
    tus_create,
    tus_resume,
    tus_append
  };
  enum class Next : std::uint8_t {
    go_on,  // step_ says with what
    retry,  // the same, after a wait: reply_ says why
    end     // result_ says how
  };

  void send();
  Next take_step();
  Reply exchange(Request request, std::uint64_t offset);
  void acknowledge(std::uint64_t offset);
  void go_on_after_cut();
  void show(std::uint64_t done);
  void correct(std::uint64_t done);
  Next fail();
  Next fail(Exit exit, std::string sentence);
  Next finish();
  bool is_there();
  void check();
  void check_digest();
  std::uint64_t append_size() const noexcept;

  // What an earlier run has begun, and what the next one is to know.
  void take_up();
  void catch_up();
  void cancel_upload(const std::string& url);
  void settle_note();

  // Plain PUT, and what may become of it.
  Next create();
  Next not_created(bool was_resumable);
  Next follow(std::string& url);

  // IETF
  bool hear(const ReplyHead& interim);
  bool keep_to(const UploadLimit& limit);
  Next created_in_part();
  Next ask();
  Next resume();
  Next append();
  Reply ask_for_limits();
  bool learn_limit();
  void fit_piece(std::uint64_t sent_bytes);
  std::uint64_t least_piece() const noexcept;
  Next give_up_upload();
  Next begin_anew(Step from);

  // tus
  bool finds_tus();
  Next tus_create();
  Next tus_resume();
  Next tus_append();

  const ClientOptions& options_;
  Console& console_;
  Exchanger& exchanger_;
  TusServers& tus_;
  const UploadNotes& notes_;
  Shipment shipment_;
  Retry retry_;
  TransferResult result_;
  LocalFile file_;
  SentChecksum sent_;
  UploadNote note_;
  Step step_ = Step::create;
  Reply reply_;                 // the last
  std::string upload_url_;      // of the upload resource; empty: there is none
  std::uint64_t offset_ = 0;    // what the server has acknowledged
  std::uint64_t sent_end_ = 0;  // behind the last byte that was ever sent
  std::optional<std::uint64_t> max_append_;
  std::uint64_t min_append_ = 0;
  std::optional<std::uint64_t> piece_;  // of one append, where nothing of a larger one arrived
  std::uint64_t lost_bytes_ = 0;        // of the last append, if it was cut
  bool is_too_large_ = false;           // for the server's max-size
  bool hears_ = false;                  // replies 104 arrive
  bool is_careful_ = false;             // creates an upload first, and sends nothing with that
  bool has_asked_ = false;              // what there is to go on with, and was told
  unsigned unanswered_ = 0;             // in a row, when it asked
  bool was_cut_ = false;                // the next append goes on after a cut
  bool is_taken_up_ = false;  // from an earlier run, and nothing has been sent in this one
  unsigned redirects_ = 0;
  std::int64_t shown_ = 0;
};

}  // namespace wherry::cli
