// SPDX-License-Identifier: MIT
#include "cli/client/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/client/format.h"

namespace wherry::cli {
namespace {

constexpr std::chrono::milliseconds kPaintEvery{200};
constexpr std::chrono::seconds kRateOver{5};

unsigned columns() {
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  return is_known ? size.ws_col - 1u : 79u;
}

}  // namespace

Console::Console(const ClientOptions& options)
    : options_(options), has_bar_(!options.quiet && isatty(STDERR_FILENO) == 1) {
  if (has_bar_) painter_ = std::thread([this] { paint_until_end(); });
}

Console::~Console() {
  {
    const std::lock_guard lock(mutex_);
    ends_ = true;
    clear();
  }
  changed_.notify_all();
  if (painter_.joinable()) painter_.join();
}

void Console::print(const std::string& line) {
  const std::lock_guard lock(mutex_);
  clear();
  std::fprintf(stdout, "%s\n", line.c_str());
  std::fflush(stdout);
}

void Console::complain(const std::string& line) {
  const std::lock_guard lock(mutex_);
  clear();
  std::fprintf(stderr, "wherry: %s\n", line.c_str());
}

void Console::mention(const std::string& line) {
  if (options_.quiet || options_.json) return;
  complain(line);
}

void Console::add_files(std::size_t count) {
  const std::lock_guard lock(mutex_);
  file_count_ += static_cast<unsigned>(count);
}

void Console::begin_file(const std::string& name) {
  const std::lock_guard lock(mutex_);
  forget_file();
  running_.emplace_back(std::this_thread::get_id(), name);
}

void Console::end_file() {
  const std::lock_guard lock(mutex_);
  forget_file();
  ++finished_count_;
}

void Console::add_present(std::int64_t bytes) {
  const std::lock_guard lock(mutex_);
  done_bytes_ += bytes;
  for (auto& sample : samples_) sample.second += bytes;
}

void Console::forget_file() {
  std::erase_if(running_,
                [](const auto& file) { return file.first == std::this_thread::get_id(); });
}

void Console::paint_until_end() {
  std::unique_lock lock(mutex_);
  samples_.emplace_back(Clock::now(), 0);
  while (!ends_) {
    changed_.wait_for(lock, kPaintEvery);
    if (!ends_) paint();
  }
}

double Console::rate() {
  const auto now = Clock::now();
  const std::int64_t done = done_bytes_;
  // The time before the first byte is not of the link.
  if (samples_.size() == 1 && samples_.front().second == done) samples_.clear();
  samples_.emplace_back(now, done);
  while (samples_.size() > 2 && now - samples_.front().first > kRateOver) samples_.pop_front();
  const auto& [since, bytes] = samples_.front();
  const double seconds = std::chrono::duration<double>(now - since).count();
  return seconds > 0 ? static_cast<double>(samples_.back().second - bytes) / seconds : 0;
}

void Console::paint() {
  const double bytes_per_s = rate();
  if (running_.empty()) return;
  ProgressLine line;
  line.name = running_.front().second;
  line.done_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(done_bytes_, 0));
  line.total_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(total_bytes_, 0));
  line.bytes_per_s = bytes_per_s;
  line.finished_count = finished_count_;
  line.file_count = file_count_;
  std::fprintf(stderr, "\r%s\033[K", format_progress(line, columns()).c_str());
  is_painted_ = true;
}

void Console::clear() {
  if (!is_painted_) return;
  std::fputs("\r\033[K", stderr);
  is_painted_ = false;
}

}  // namespace wherry::cli
