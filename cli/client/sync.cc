// SPDX-License-Identifier: MIT
// In this order: list both sides, remove what stands in the way (--delete), send what differs,
// remove what is left over (--delete). Nothing is removed when a side could not be listed.
#include "cli/client/sync.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include "cli/client/cancel.h"
#include "cli/client/console.h"
#include "cli/client/digests.h"
#include "cli/client/format.h"
#include "cli/client/local_folder.h"
#include "cli/client/names.h"
#include "cli/client/parallel.h"
#include "cli/client/remote_folder.h"
#include "cli/client/sender.h"

namespace wherry::cli {
namespace {

class Sync {
 public:
  Sync(const SyncOptions& options, std::string url)
      : options_(options), url_(std::move(url)), console_(options.client) {}

  Exit run() {
    const Exit listed = list();
    if (listed != Exit::done) return listed;
    if (options_.deletes) remove(true);
    send();
    if (options_.deletes) remove(false);
    summarize();
    return worst_of(results_);
  }

 private:
  Exit list();
  void send();
  TransferResult send_one(Exchanger& exchanger, const std::string& path, std::uint64_t size);
  bool is_same(Exchanger& exchanger, const std::string& path, std::uint64_t size,
               std::optional<std::uint32_t>& crc32) const;
  void remove(bool in_the_way);
  TransferResult remove_one(Exchanger& exchanger, const std::string& path, bool is_folder) const;
  bool is_in_the_way(std::string path) const;
  void report(const TransferResult& result);
  void summarize();
  ExchangeOptions exchange_options(const Retry& retry) const {
    return {options_.client.fields, url_, options_.client.idle_timeout_ms, retry.deadline()};
  }

  const SyncOptions& options_;
  const std::string url_;  // of the folder, with a slash at its end
  Console console_;
  LocalTree local_;
  RemoteTree remote_;
  TusServers tus_;
  const UploadNotes notes_;
  std::vector<TransferResult> results_;
};

Exit Sync::list() {
  const std::string error = walk_local(options_.folder, local_);
  if (!error.empty()) {
    console_.complain(printable(error));
    return Exit::local_file;
  }
  for (const std::string& path : local_.skipped) {
    console_.mention(printable(path) + ": neither file nor folder, left out");
  }
  Exchanger exchanger;
  Retry retry(options_.client);
  exchanger.configure(exchange_options(retry));
  const Reply reply = list_remote(exchanger, retry, url_, remote_);
  if (reply.is_success() || reply.has_status(404, 404)) return Exit::done;
  console_.complain(explain(reply));
  return exit_of(reply);
}

void Sync::send() {
  const std::vector<std::pair<std::string, std::uint64_t>> files(local_.files.begin(),
                                                                 local_.files.end());
  std::vector<TransferResult> results(files.size());
  console_.add_files(files.size());
  for (const auto& [path, size] : files) console_.add_total(static_cast<std::int64_t>(size));
  run_parallel(options_.client.parallel, files.size(), [&] {
    return [&, exchanger = std::make_shared<Exchanger>()](std::size_t i) {
      if (is_cancelled()) {
        results[i].fail(Exit::interrupted, "interrupted");
        return;
      }
      results[i] = send_one(*exchanger, files[i].first, files[i].second);
      console_.end_file();
      report(results[i]);
    };
  });
  results_.insert(results_.end(), results.begin(), results.end());
}

TransferResult Sync::send_one(Exchanger& exchanger, const std::string& path, std::uint64_t size) {
  Shipment shipment{options_.folder + "/" + path, url_below(url_, path)};
  TransferResult result;
  result.action = "same";
  result.file = path;
  result.url = shipment.url;
  result.size = size;
  console_.begin_file("comparing " + shipment.file);
  exchanger.configure(exchange_options(Retry(options_.client)));
  const bool same = is_same(exchanger, path, size, shipment.crc32);
  result.crc32 = shipment.crc32;
  if (same || options_.dry_run) {
    console_.add_total(-static_cast<std::int64_t>(size));  // of what is to be sent
    if (!same) result.action = "put";
    result.is_verified = same;
    result.exit = Exit::done;
    return result;
  }
  result = Sender(options_.client, console_, exchanger, tus_, notes_, std::move(shipment)).run();
  result.file = path;
  return result;
}

/// By size and CRC-32; where the list does not know that one, by what HEAD says.
bool Sync::is_same(Exchanger& exchanger, const std::string& path, std::uint64_t size,
                   std::optional<std::uint32_t>& crc32) const {
  const auto there = remote_.find(path);
  if (there == remote_.end() || there->second.is_folder || there->second.size != size) return false;
  LocalFile file;
  if (!file.open(options_.folder + "/" + path).empty()) return false;  // its sender will say why
  crc32 = file.crc32();
  if (!crc32 || file.size() != size) return false;
  if (there->second.crc32) return *there->second.crc32 == *crc32;
  Request request;
  request.method = "HEAD";
  request.url = url_below(url_, path);
  request.fields = {kWantDigest};
  const Reply reply = exchanger.perform(request);
  return reply.is_success() && is_same_by(reply.head, file, *crc32).value_or(false);
}

/// Whether the server has a file where a folder is here, or the other way round, at `path` or
/// above.
bool Sync::is_in_the_way(std::string path) const {
  while (!path.empty()) {
    const auto there = remote_.find(path);
    const bool is_file = there != remote_.end() && !there->second.is_folder;
    const bool is_folder = there != remote_.end() && there->second.is_folder;
    if (is_file && local_.folders.contains(path)) return true;
    if (is_folder && local_.files.contains(path)) return true;
    const std::size_t slash = path.rfind('/');
    path.resize(slash == path.npos ? 0 : slash);
  }
  return false;
}

void Sync::remove(bool in_the_way) {
  Exchanger exchanger;
  Retry retry(options_.client);
  exchanger.configure(exchange_options(retry));
  // From the last to the first: what lies in a folder comes before the folder.
  for (auto each = remote_.rbegin(); each != remote_.rend(); ++each) {
    const auto& [path, entry] = *each;
    const bool is_here =
        entry.is_folder ? local_.folders.contains(path) : local_.files.contains(path);
    if (is_here || is_in_the_way(path) != in_the_way || is_cancelled()) continue;
    results_.push_back(remove_one(exchanger, path, entry.is_folder));
    report(results_.back());
  }
}

TransferResult Sync::remove_one(Exchanger& exchanger, const std::string& path,
                                bool is_folder) const {
  Request request;
  request.method = "DELETE";
  request.url = url_below(url_, path) + (is_folder ? "/" : "");
  TransferResult result;
  result.action = "delete";
  result.file = path + (is_folder ? "/" : "");
  result.url = request.url;
  result.exit = Exit::done;
  if (options_.dry_run) return result;
  Retry retry(options_.client);
  Reply reply = exchanger.perform(request);
  while (may_try_again(reply) && retry.wait(reply)) reply = exchanger.perform(request);
  result.attempts = retry.attempts();
  result.status = reply.status();
  // Gone already: by another, or by an attempt whose reply was lost.
  if (!reply.is_success() && !reply.has_status(404, 404)) {
    result.fail(exit_of(reply), explain(reply));
  }
  return result;
}

void Sync::report(const TransferResult& result) {
  const bool is_plain = console_.shows_results() && result.is_done();
  if (!is_plain) return tell(console_, result);
  const std::string what = printable(result.file);

  if (result.action == "put") {
    console_.print((options_.dry_run ? "would send " : "sent ") + what + "  " +
                   format_size(result.size));
  } else if (result.action == "delete") {
    console_.print((options_.dry_run ? "would delete " : "deleted ") + what);
  }
}

void Sync::summarize() {
  if (!console_.shows_results()) return;
  const auto count = [&](std::string_view action) {
    return std::to_string(std::ranges::count_if(results_, [&](const TransferResult& result) {
      return result.is_done() && result.action == action;
    }));
  };
  std::uint64_t sent_bytes = 0;
  for (const TransferResult& result : results_) sent_bytes += result.moved_bytes;
  console_.print(count("put") + (options_.dry_run ? " to send, " : " sent (") +
                 (options_.dry_run ? "" : format_size(sent_bytes) + "), ") + count("same") +
                 " the same, " + count("delete") + (options_.dry_run ? " to delete" : " deleted"));
}

}  // namespace

Exit sync(const SyncOptions& options) {
  auto url = normal_url(options.url);
  if (!url) {
    std::fputs("wherry: that is no URL of HTTP\n", stderr);
    return Exit::usage;
  }
  std::string path = path_of_url(*url);
  if (path == "/" || path.empty()) path = "/files/";
  if (!path.ends_with('/')) path += '/';
  return Sync(options, with_path(*url, path)).run();
}

}  // namespace wherry::cli
