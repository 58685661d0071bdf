// SPDX-License-Identifier: MIT
// The measuring itself; what it means is in diagnosis.cc.
#include "cli/client/doctor.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "cli/client/cancel.h"
#include "cli/client/console.h"
#include "cli/client/diagnosis.h"
#include "cli/client/exchange.h"
#include "cli/client/format.h"
#include "cli/client/json.h"
#include "cli/client/names.h"
#include "cli/client/retry.h"

namespace wherry::cli {
namespace {

constexpr std::uint64_t kFirstSize = 64 * 1024;
constexpr std::uint64_t kGrowth = 4;
constexpr double kLongEnough_s = 0.5;  // of a transfer that is measured by its rate
constexpr int kSmallRequests = 11;
constexpr std::uint32_t kLastWord_ms = 5000;  // silence that is waited for after a signal

/// Bytes that no link can make smaller.
class NoiseBody final : public BodySource {
 public:
  explicit NoiseBody(std::uint64_t size) : size_(size), noise_(64 * 1024) {
    std::minstd_rand generator(1);
    for (char& each : noise_) each = static_cast<char>(generator() >> 8 & 0xFF);
  }

  std::uint64_t size() const override { return size_; }
  std::optional<std::size_t> read(std::span<char> into) override {
    const auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>({into.size(), size_ - offset_, noise_.size()}));
    std::memcpy(into.data(), noise_.data(), count);
    offset_ += count;
    return count;
  }
  bool seek(std::uint64_t offset) override {
    offset_ = offset;
    return offset <= size_;
  }

 private:
  std::uint64_t size_;
  std::uint64_t offset_ = 0;
  std::vector<char> noise_;
};

/// Takes the body of a success, counts it, and ends the exchange when it has enough.
class CountingSink final : public BodySink {
 public:
  explicit CountingSink(std::uint64_t enough) : enough_(enough) {}

  bool begin(const ReplyHead& head) override { return head.status == 200; }
  bool write(Bytes bytes) override {
    if (count_ == 0) begun_ = Clock::now();
    count_ += bytes.size();
    return count_ < enough_;
  }
  /// From the first byte on; nothing: there were none.
  std::optional<double> seconds() const {
    if (count_ == 0) return std::nullopt;
    return std::chrono::duration<double>(Clock::now() - begun_).count();
  }
  std::uint64_t count() const noexcept { return count_; }

 private:
  std::uint64_t enough_;
  std::uint64_t count_ = 0;
  Clock::time_point begun_;
};

class Doctor {
 public:
  Doctor(const DoctorOptions& options, std::string url)
      : options_(options), url_(std::move(url)), root_(with_path(url_, "/")) {
    exchanger_.configure({options.client.fields, url_, options.client.idle_timeout_ms});
    measured_.url = url_;
  }

  Exit run() {
    const bool is_reached = reach();
    if (is_cancelled()) return interrupted();
    if (!is_reached) {
      std::fprintf(stderr, "wherry: the server cannot be reached: %s\n", explain(reply_).c_str());
      return exit_of(reply_);
    }
    ask_for_limits();
    measure_round_trips();
    if (measured_.version.empty()) {
      measured_.down_stored = down(url_, options_.size_bytes).rate;
    } else {
      measure_wherry();
    }
    if (is_cancelled()) return interrupted();
    tell();
    return Exit::done;
  }

 private:
  struct Measured {
    std::optional<double> rate;
    double seconds = 0;
  };
  using Measure = Measured (Doctor::*)(const std::string&, std::uint64_t);

  bool reach();
  void ask_for_limits();
  void measure_round_trips();
  void measure_wherry();
  void measure_stored();
  void remove(const std::string& url);
  void tell() const;
  static Exit interrupted() {
    std::fputs("wherry: interrupted\n", stderr);
    return Exit::interrupted;
  }

  Measured up(const std::string& url, std::uint64_t size);
  Measured down(const std::string& url, std::uint64_t size);
  Measured generated(const std::string& url, std::uint64_t size) {
    return down(url + std::to_string(size), size);
  }
  std::optional<double> best(Measure measure, const std::string& url);
  Reply small(const std::string& method, const std::string& url);
  void look_at_link();

  const DoctorOptions& options_;
  const std::string url_;
  const std::string root_;
  Exchanger exchanger_;
  Measurements measured_;
  Reply reply_;
  std::uint64_t stored_size_ = 0;  // of the last stored transfer that was long enough
};

Reply Doctor::small(const std::string& method, const std::string& url) {
  Request request;
  request.method = method;
  request.url = url;
  request.fields = {"Accept: application/json"};
  reply_ = exchanger_.perform(request);
  look_at_link();
  return reply_;
}

void Doctor::look_at_link() {
  const auto link = exchanger_.link();
  if (link) measured_.retransmits = std::max(measured_.retransmits.value_or(0), link->retransmits);
}

bool Doctor::reach() {
  const Reply status = small("GET", with_path(url_, "/status"));
  if (status.failure != Failure::none) return false;
  const Timing& timing = status.timing;
  measured_.resolve_s = timing.resolved;
  measured_.connect_s = timing.connected - timing.resolved;
  if (timing.secured > 0) measured_.secure_s = timing.secured - timing.connected;
  const auto version = status.is_success() ? json_text(status.body, "version") : std::nullopt;
  const auto free_bytes = json_number(status.body, {"storage", "free_bytes"});
  const auto uptime = json_number(status.body, {"uptime_ms"});
  if (!version || !uptime) return true;  // another server's /status
  measured_.version = *version;
  measured_.free_bytes = free_bytes;
  measured_.total_bytes = json_number(status.body, {"storage", "total_bytes"});
  measured_.max_connections = json_number(status.body, {"connections", "limit"});
  measured_.busy_connections = json_number(status.body, {"connections", "busy"});
  return true;
}

/// What a file may have, and whether one that is cut goes on.
/// Source: draft-ietf-httpbis-resumable-upload §4.1.4.
void Doctor::ask_for_limits() {
  const bool is_wherry = !measured_.version.empty();
  Request request;
  request.method = "OPTIONS";
  request.url = is_wherry ? with_path(url_, "/files/wherry-doctor") : url_;
  request.fields = {"Upload-Draft-Interop-Version: 8"};
  const Reply reply = exchanger_.perform(request);
  const auto field = reply.head.field("Upload-Limit");
  const auto limit = field ? parse_upload_limit(*field) : std::nullopt;
  // Another server may have ways that are not asked for here.
  if (is_wherry && reply.failure == Failure::none) measured_.uploads_resume = limit.has_value();
  if (!limit) return;
  measured_.uploads_resume = true;
  measured_.max_age_s = limit->max_age_s;
  measured_.max_size = limit->max_size;
  measured_.max_append_size = limit->max_append_size;
}

void Doctor::measure_round_trips() {
  const bool is_wherry = !measured_.version.empty();
  std::vector<double> seconds;
  for (int i = 0; i < kSmallRequests; ++i) {
    const Reply reply = small(is_wherry ? "GET" : "HEAD", is_wherry ? root_ : url_);
    if (reply.failure != Failure::none) break;
    measured_.first_byte_s = reply.timing.first_byte;
    // A server that ends the connection each time makes each request two round trips.
    seconds.push_back(reply.timing.total - reply.timing.connected);
  }
  if (seconds.empty()) return;
  std::ranges::sort(seconds);
  measured_.round_trip_min_s = seconds.front();
  measured_.round_trip_median_s = seconds[seconds.size() / 2];
}

Doctor::Measured Doctor::up(const std::string& url, std::uint64_t size) {
  NoiseBody body(size);
  Request request;
  request.method = "PUT";
  request.url = url;
  request.body = &body;
  request.fields = {"Expect:"};  // its round trip is measured elsewhere
  const Reply reply = exchanger_.perform(request);
  look_at_link();
  if (!reply.is_success() || reply.timing.total <= 0) return {};
  return {static_cast<double>(size) / reply.timing.total, reply.timing.total};
}

Doctor::Measured Doctor::down(const std::string& url, std::uint64_t size) {
  CountingSink sink(size);
  Request request;
  request.url = url;
  request.sink = &sink;
  request.follows_redirects = true;
  request.fields = {"Accept-Encoding: identity"};
  exchanger_.perform(request);
  look_at_link();
  const auto seconds = sink.seconds();
  if (!seconds || *seconds <= 0) return {};
  return {static_cast<double>(sink.count()) / *seconds, *seconds};
}

/// Transfers more and more, until one takes long enough to be measured by.
std::optional<double> Doctor::best(Measure measure, const std::string& url) {
  std::optional<double> rate;
  for (std::uint64_t size = kFirstSize; size <= options_.size_bytes; size *= kGrowth) {
    const Measured measured = (this->*measure)(url, size);
    if (!measured.rate) break;  // nothing, or more than this server takes
    rate = measured.rate;
    stored_size_ = size;
    if (measured.seconds >= kLongEnough_s) break;
  }
  return rate;
}

void Doctor::measure_wherry() {
  measured_.up_discarded = best(&Doctor::up, with_path(url_, "/discard/wherry-doctor"));
  measured_.down_generated = best(&Doctor::generated, with_path(url_, "/download/generate/"));
  measure_stored();
}

void Doctor::measure_stored() {
  if (is_cancelled()) return;
  std::random_device random;
  std::array<char, 16> suffix{};
  std::snprintf(suffix.data(), suffix.size(), "%08x", static_cast<unsigned>(random()));
  const std::string url = with_path(url_, std::string("/files/.wherry-doctor-") + suffix.data());
  stored_size_ = 0;
  measured_.up_stored = best(&Doctor::up, url);
  if (measured_.up_stored) measured_.down_stored = down(url, stored_size_).rate;
  remove(url);
}

/// Also after a signal: then what was under way may be there as well.
void Doctor::remove(const std::string& url) {
  Request request;
  request.method = "DELETE";
  request.url = url;
  request.ignores_signals = true;
  if (is_cancelled()) {
    const auto idle_ms = std::min(options_.client.idle_timeout_ms, kLastWord_ms);
    exchanger_.configure({options_.client.fields, url_, idle_ms});
  }
  const Reply removed = exchanger_.perform(request);
  if (removed.is_success() || removed.has_status(404, 404)) return;
  const bool may_be_there = measured_.up_stored || is_cancelled();
  if (may_be_there) {
    std::fprintf(stderr, "wherry: %s stays there: %s\n", url.c_str(), explain(removed).c_str());
  }
}

void Doctor::tell() const {
  const std::vector<std::string> conclusions = conclude(measured_);
  if (options_.client.json) {
    std::printf("%s\n", to_json(measured_, conclusions).c_str());
    return;
  }
  for (const std::string& line : describe(measured_)) std::printf("%s\n", line.c_str());
  std::printf("\n");
  for (const std::string& sentence : conclusions) std::printf("%s\n", sentence.c_str());
}

}  // namespace

Exit doctor(const DoctorOptions& options) {
  const auto url = normal_url(options.url);
  if (!url) {
    std::fputs("wherry: that is no URL of HTTP\n", stderr);
    return Exit::usage;
  }
  return Doctor(options, *url).run();
}

}  // namespace wherry::cli
