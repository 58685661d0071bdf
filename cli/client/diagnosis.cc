// SPDX-License-Identifier: MIT
#include "cli/client/diagnosis.h"

#include "cli/client/format.h"
#include "cli/client/json.h"

namespace wherry::cli {
namespace {

// A stored transfer that reaches this part of the link's rate is bounded by the link: measurements
// of a few seconds differ by as much.
constexpr double kSameRate = 0.8;
constexpr double kLongRoundTrip_s = 0.05;
constexpr double kSlowServer_s = 0.05;
constexpr double kLittleSpace = 0.05;

/// `kind`: "Up" or "Down".
void judge_rates(const std::string& kind, const std::optional<double>& link,
                 const std::optional<double>& stored, const std::string& doing,
                 std::vector<std::string>& sentences) {
  if (link && stored && *stored < kSameRate * *link) {
    sentences.push_back(kind + ", the storage is the limit: " + format_rate(*stored) + " " + doing +
                        ", where the link and the server make " + format_rate(*link) + " (" +
                        format_bit_rate(*link) + ").");
  } else if (link && stored) {
    sentences.push_back(kind + ", the link is the limit: " + format_bit_rate(*link) +
                        "; the storage keeps up.");
  } else if (link || stored) {
    const double rate = link ? *link : *stored;
    sentences.push_back(kind + ": " + format_bit_rate(rate) + " (" + format_rate(rate) +
                        "); whether link or storage is the limit cannot be told apart here.");
  }
}

/// `24 h`: what is told is a promise, so it is not rounded up.
std::string format_age(std::uint64_t seconds) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  if (seconds >= 3 * kDay) return std::to_string(seconds / kDay) + " days";
  if (seconds >= 3 * kHour) return std::to_string(seconds / kHour) + " h";
  if (seconds >= 3 * kMinute) return std::to_string(seconds / kMinute) + " min";
  return std::to_string(seconds) + " s";
}

void describe_limits(const Measurements& measured, std::vector<std::string>& lines) {
  if (measured.uploads_resume) {
    lines.emplace_back(*measured.uploads_resume ? "uploads resume   yes" : "uploads resume   no");
  }
  if (measured.max_age_s) lines.back() += ", within " + format_age(*measured.max_age_s);
  if (measured.max_size) lines.push_back("largest file     " + format_size(*measured.max_size));
  if (measured.max_append_size) {
    lines.push_back("largest request  " + format_size(*measured.max_append_size));
  }
  if (measured.max_connections) {
    lines.push_back("connections      " + std::to_string(measured.busy_connections.value_or(0)) +
                    " busy, " + std::to_string(*measured.max_connections) + " at the most");
  }
}

void add(std::vector<std::string>& lines, const char* what, const std::optional<double>& value,
         std::string (*format)(double)) {
  if (value) lines.push_back(std::string(what) + format(*value));
}

void add(JsonObject& json, std::string_view key, const std::optional<std::uint64_t>& value) {
  if (value) {
    json.number(key, *value);
  } else {
    json.null(key);
  }
}

void add(JsonObject& json, std::string_view key, const std::optional<double>& value, double unit) {
  if (value) {
    json.decimal(key, *value * unit);
  } else {
    json.null(key);
  }
}

}  // namespace

std::vector<std::string> conclude(const Measurements& measured) {
  std::vector<std::string> sentences;
  judge_rates("Up", measured.up_discarded, measured.up_stored, "stored", sentences);
  judge_rates("Down", measured.down_generated, measured.down_stored, "read", sentences);
  const auto& network = measured.connect_s;
  const auto& request = measured.round_trip_median_s;
  if (network && *network >= kLongRoundTrip_s) {
    sentences.push_back("The way is long: " + format_latency(*network) +
                        " there and back; many small files go faster at once (-P).");
  }
  if (network && request && *request - *network >= kSlowServer_s) {
    sentences.push_back("The server thinks long: " + format_latency(*request - *network) +
                        " of each small request are its own.");
  }
  if (measured.retransmits && *measured.retransmits > 0) {
    sentences.push_back("The link loses packets, or has no room for them: " +
                        std::to_string(*measured.retransmits) + " were sent again.");
  }
  const bool has_little_space = measured.free_bytes && measured.total_bytes &&
                                static_cast<double>(*measured.free_bytes) <
                                    kLittleSpace * static_cast<double>(*measured.total_bytes);
  if (has_little_space) {
    sentences.push_back("The storage is nearly full: " + format_size(*measured.free_bytes) +
                        " are free of " + format_size(*measured.total_bytes) + ".");
  }
  if (measured.uploads_resume == false) {
    sentences.emplace_back("Uploads begin anew after a cut: this server goes on with none.");
  }
  if (measured.version.empty()) {
    sentences.emplace_back("This is no Wherry: only what any server offers was measured.");
  }
  return sentences;
}

std::vector<std::string> describe(const Measurements& measured) {
  std::vector<std::string> lines;
  lines.push_back("server           " + (measured.version.empty()
                                             ? "not Wherry"
                                             : "Wherry " + printable(measured.version)));
  add(lines, "name resolved    ", measured.resolve_s, format_latency);
  add(lines, "connected        ", measured.connect_s, format_latency);
  add(lines, "TLS              ", measured.secure_s, format_latency);
  add(lines, "first byte       ", measured.first_byte_s, format_latency);
  add(lines, "small request    ", measured.round_trip_median_s, format_latency);
  if (measured.round_trip_min_s) {
    lines.back() += " (the fastest " + format_latency(*measured.round_trip_min_s) + ")";
  }
  add(lines, "up, discarded    ", measured.up_discarded, format_rate);
  add(lines, "up, stored       ", measured.up_stored, format_rate);
  add(lines, "down, generated  ", measured.down_generated, format_rate);
  add(lines, "down, stored     ", measured.down_stored, format_rate);
  if (measured.retransmits) {
    lines.push_back("sent again       " + std::to_string(*measured.retransmits) + " packets");
  }
  if (measured.free_bytes) lines.push_back("free             " + format_size(*measured.free_bytes));
  if (measured.free_bytes && measured.total_bytes) {
    lines.back() += " of " + format_size(*measured.total_bytes);
  }
  describe_limits(measured, lines);
  return lines;
}

std::string to_json(const Measurements& measured, const std::vector<std::string>& conclusions) {
  JsonObject json;
  json.text("url", measured.url);
  if (measured.version.empty()) {
    json.null("wherry");
  } else {
    json.text("wherry", measured.version);
  }
  add(json, "resolve_ms", measured.resolve_s, 1000);
  add(json, "connect_ms", measured.connect_s, 1000);
  add(json, "tls_ms", measured.secure_s, 1000);
  add(json, "first_byte_ms", measured.first_byte_s, 1000);
  add(json, "round_trip_min_ms", measured.round_trip_min_s, 1000);
  add(json, "round_trip_median_ms", measured.round_trip_median_s, 1000);
  add(json, "up_discarded_bytes_per_s", measured.up_discarded, 1);
  add(json, "up_stored_bytes_per_s", measured.up_stored, 1);
  add(json, "down_generated_bytes_per_s", measured.down_generated, 1);
  add(json, "down_stored_bytes_per_s", measured.down_stored, 1);
  add(json, "retransmits", measured.retransmits);
  add(json, "free_bytes", measured.free_bytes);
  add(json, "total_bytes", measured.total_bytes);
  add(json, "max_connections", measured.max_connections);
  add(json, "busy_connections", measured.busy_connections);
  if (measured.uploads_resume) {
    json.boolean("uploads_resume", *measured.uploads_resume);
  } else {
    json.null("uploads_resume");
  }
  add(json, "max_age_s", measured.max_age_s);
  add(json, "max_size_bytes", measured.max_size);
  add(json, "max_append_bytes", measured.max_append_size);
  json.texts("conclusions", conclusions);
  return json.finish();
}

}  // namespace wherry::cli
