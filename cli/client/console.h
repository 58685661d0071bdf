// SPDX-License-Identifier: MIT
// What the client's commands show: lines on stdout, complaints and progress on stderr.
// Keeps: lines of several threads do not mix; nothing moves a cursor where stderr is no terminal.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cli/client/exchange.h"
#include "cli/client/options.h"

namespace wherry::cli {

class Console {
 public:
  explicit Console(const ClientOptions& options);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// A line of a result, on stdout.
  void print(const std::string& line);
  /// A line about what goes wrong, on stderr: also when quiet.
  void complain(const std::string& line);
  /// A line about what is tried again, on stderr; not when quiet, and not beside JSON.
  void mention(const std::string& line);

  /// What the bar shows.
  void add_files(std::size_t count);
  /// What this thread is at from now on, until it begins another or ends it.
  void begin_file(const std::string& name);
  void end_file();
  void add_total(std::int64_t bytes) { total_bytes_ += bytes; }
  void add_done(std::int64_t bytes) { done_bytes_ += bytes; }
  /// Bytes that are there already, or that came to nothing (negative): no link has moved them now.
  void add_present(std::int64_t bytes);

  bool shows_results() const noexcept { return !options_.quiet && !options_.json; }
  bool is_json() const noexcept { return options_.json; }

 private:
  void paint_until_end();
  void forget_file();  // with mutex_ held
  void paint();        // with mutex_ held
  void clear();        // with mutex_ held
  double rate();       // with mutex_ held

  const ClientOptions& options_;
  const bool has_bar_;
  std::atomic<std::int64_t> total_bytes_{0};
  std::atomic<std::int64_t> done_bytes_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::thread::id, std::string>> running_;  // the first has begun first
  unsigned file_count_ = 0;
  unsigned finished_count_ = 0;
  bool ends_ = false;
  bool is_painted_ = false;
  std::deque<std::pair<Clock::time_point, std::int64_t>> samples_;  // of the last seconds
  std::thread painter_;
};

}  // namespace wherry::cli
