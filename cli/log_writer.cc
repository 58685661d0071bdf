// SPDX-License-Identifier: MIT
#include "cli/log_writer.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <string>

#include "wherry/app/json_writer.h"
#include "wherry/base/escape.h"
#include "wherry/base/fixed_string.h"
#include "wherry/base/number.h"

namespace wherry::cli {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;
constexpr std::size_t kMaxPathBytes = 1024;
// A path of kMaxPathBytes, each byte as \xHH and in JSON its backslash twice, and everything else.
constexpr std::size_t kMaxLineBytes = 5 * kMaxPathBytes + 1024;
constexpr int kLastWordsMs = 1000;
// How late a line may be.
constexpr std::chrono::milliseconds kGatherTime{10};

using Time = FixedString<32>;

/// "2026-11-22T10:00:00."
Time second_as_text(std::time_t second) noexcept {
  std::tm parts{};
  gmtime_r(&second, &parts);
  std::array<char, 40> memory;
  TextWriter text(memory);
  text.append_decimal(parts.tm_year + 1900, 4).append('-');
  text.append_decimal(parts.tm_mon + 1, 2).append('-');
  text.append_decimal(parts.tm_mday, 2).append('T');
  text.append_decimal(parts.tm_hour, 2).append(':');
  text.append_decimal(parts.tm_min, 2).append(':');
  text.append_decimal(parts.tm_sec, 2).append('.');
  Time time;
  static_cast<void>(time.append(text.view()));
  return time;
}

/// "2026-11-22T10:00:00.123Z". All but the milliseconds is made once a second, in each thread.
Time now_as_text() noexcept {
  thread_local std::time_t second = -1;
  thread_local Time text_of_second;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (now.tv_sec != second) {
    second = now.tv_sec;
    text_of_second = second_as_text(second);
  }
  std::array<char, 24> memory;
  TextWriter text(memory);
  text.append_decimal(now.tv_nsec / 1'000'000, 3).append('Z');
  Time time = text_of_second;
  static_cast<void>(time.append(text.view()));
  return time;
}

void append_path(TextWriter& into, std::string_view path) noexcept {
  append_log_text(into, path.substr(0, kMaxPathBytes));
  if (path.size() > kMaxPathBytes) into.append("...");
}

std::string_view outcome_of(const app::TransferRecord& record) noexcept {
  return record.outcome == Error::none ? "ok" : describe(record.outcome).text;
}

}  // namespace

void write_text_line(const app::TransferRecord& record, std::string_view time, TextWriter& into) {
  into.append(time).append(' ').append(record.client).append(' ');
  append_log_text(into, record.method.substr(0, 32));
  into.append(' ');
  append_path(into, record.path);
  into.append(' ').append_decimal(record.status).append(' ');
  into.append_decimal(record.size).append(" bytes CRC32: ");
  into.append(record.crc32 ? hex32(*record.crc32).view() : "-");
  into.append(' ').append_decimal(record.duration_ms).append(" ms ");
  into.append(outcome_of(record)).append('\n');
}

void write_json_line(const app::TransferRecord& record, std::string_view time, TextWriter& into) {
  std::array<char, 4 * kMaxPathBytes + 8> path_memory;
  TextWriter path(path_memory);
  append_path(path, record.path);
  std::array<char, 128> method_memory;
  TextWriter method(method_memory);
  append_log_text(method, record.method.substr(0, 32));
  std::array<char, kMaxLineBytes> line_memory;
  app::JsonWriter json(line_memory);
  json.begin_object().key("time").value(time).key("client").value(record.client);
  json.key("method").value(method.view()).key("path").value(path.view());
  json.key("status").value(record.status).key("bytes").value(record.size);
  if (record.crc32) json.key("crc32").value(hex32(*record.crc32).view());
  json.key("duration_ms").value(record.duration_ms).key("outcome").value(outcome_of(record));
  json.end_object();
  into.append(json.text().value_or("{}")).append('\n');
}

LogWriter::LogWriter(int descriptor, LogFormat format) : descriptor_(descriptor), format_(format) {
  waiting_.reserve(kBufferBytes);
  thread_ = std::thread([this] { run(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  has_lines_.notify_one();
  thread_.join();
}

void LogWriter::record(const app::TransferRecord& record) noexcept {
  std::array<char, kMaxLineBytes> memory;
  TextWriter line(memory);
  const Time time = now_as_text();
  if (format_ == LogFormat::text) {
    write_text_line(record, time, line);
  } else {
    write_json_line(record, time, line);
  }
  append(line.view());
}

void LogWriter::append(std::string_view line) noexcept {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    was_empty = waiting_.empty();
    if (line.size() > waiting_.capacity() - waiting_.size()) {
      ++dropped_;
      return;
    }
    waiting_.insert(waiting_.end(), line.begin(), line.end());
  }
  if (was_empty) has_lines_.notify_one();
}

void LogWriter::run() {
  std::vector<char> writing;
  writing.reserve(kBufferBytes);
  bool goes_on = true;
  while (goes_on) {
    std::uint64_t dropped = 0;
    {
      std::unique_lock lock(mutex_);
      has_lines_.wait(lock, [this] { return !waiting_.empty() || is_stopping_; });
      // Gathers: waking this thread for each line costs more than the request that it tells of.
      has_lines_.wait_for(lock, kGatherTime, [this] { return is_stopping_; });
      writing.clear();
      writing.swap(waiting_);
      std::swap(dropped, dropped_);
      goes_on = !is_stopping_;
    }
    write_out({writing.data(), writing.size()});
    if (dropped > 0) {
      write_out(std::to_string(dropped) + " log lines were dropped: nobody read them in time\n");
    }
  }
}

void LogWriter::write_out(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno == EAGAIN) {
      pollfd output{descriptor_, POLLOUT, 0};
      ::poll(&output, 1, kLastWordsMs);
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return;
    } else if (written == 0 || errno != EINTR) {
      return;  // nobody reads the log any more
    }
  }
}

}  // namespace wherry::cli
