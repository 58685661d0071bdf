// SPDX-License-Identifier: MIT
// What measurements of a server mean, in sentences.
// Knows no network: what was measured comes in, what it means goes out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wherry::cli {

/// In seconds, bytes, and bytes a second; nothing: not measured, or the server does not offer it.
struct Measurements {
  std::string url;
  std::string version;  // of Wherry; empty: another server
  std::optional<double> resolve_s;
  std::optional<double> connect_s;         // TCP alone: one round trip
  std::optional<double> secure_s;          // TLS
  std::optional<double> first_byte_s;      // of a small request, on a connection that is there
  std::optional<double> round_trip_min_s;  // small requests
  std::optional<double> round_trip_median_s;
  std::optional<double> up_discarded;
  std::optional<double> up_stored;
  std::optional<double> down_generated;
  std::optional<double> down_stored;
  std::optional<std::uint32_t> retransmits;  // of what this side sent
  std::optional<std::uint64_t> free_bytes;
  std::optional<std::uint64_t> total_bytes;
  std::optional<std::uint64_t> max_connections;
  std::optional<std::uint64_t> busy_connections;
  std::optional<bool> uploads_resume;            // where they were cut
  std::optional<std::uint64_t> max_age_s;        // of an upload that nobody goes on with
  std::optional<std::uint64_t> max_size;         // of a file
  std::optional<std::uint64_t> max_append_size;  // of a request
};

/// Returns: plain sentences, the most important first.
std::vector<std::string> conclude(const Measurements& measured);

/// Returns: the measurements as lines for a person.
std::vector<std::string> describe(const Measurements& measured);

/// Returns: both as one line of JSON.
std::string to_json(const Measurements& measured, const std::vector<std::string>& conclusions);

}  // namespace wherry::cli
