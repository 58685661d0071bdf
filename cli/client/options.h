// SPDX-License-Identifier: MIT
// What a person may set on the command line of the client's commands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wherry::cli {

/// What all commands of the client have in common.
struct ClientOptions {
  unsigned parallel = 4;                   // files at once
  unsigned retries = 8;                    // attempts in a row that get nothing further
  std::uint32_t timeout_ms = 0;            // for one file, with all its attempts; 0: none
  std::uint32_t idle_timeout_ms = 60'000;  // without a byte either way
  std::vector<std::string> fields;         // "Name: value", sent to the URL's own origin alone
  bool quiet = false;                      // nothing but errors
  bool json = false;                       // one object a file on stdout
};

struct PutOptions {
  ClientOptions client;
  std::vector<std::string> arguments;  // files, and the URL last
  std::string if_match;                // an entity tag; empty: no condition
  bool no_clobber = false;
  bool read_once = false;  // no checksum beforehand: the server's reply is compared at the end
  bool fresh = false;      // not where an earlier run has ended
};

struct GetOptions {
  ClientOptions client;
  std::vector<std::string> urls;
  std::string file;          // -o: of a single URL
  std::string folder = ".";  // -O
};

struct SyncOptions {
  ClientOptions client;
  std::string folder;
  std::string url;
  bool deletes = false;
  bool dry_run = false;
};

struct DoctorOptions {
  ClientOptions client;
  std::string url;
  std::uint64_t size_bytes = 8 * 1024 * 1024;  // of each measured transfer, at the most
};

}  // namespace wherry::cli
