// SPDX-License-Identifier: MIT
// What a person may set on the command line of `wherry serve`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wherry/app/limits.h"
#include "wherry/storage/posix/options.h"

namespace wherry::cli {

enum class LogFormat { text, json };

struct ServeOptions {
  std::string folder = ".";
  std::string host = "127.0.0.1";
  std::uint16_t port = 8000;
  std::uint32_t threads = 1;
  std::uint32_t grace_ms = 10'000;  // for running transfers, once the server is told to stop
  LogFormat log_format = LogFormat::text;
  std::vector<std::string> origins;  // of other pages that may use this server; "*": all
  app::Limits limits;
  storage::posix::Options storage;
};

}  // namespace wherry::cli
