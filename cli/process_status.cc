// SPDX-License-Identifier: MIT
#include "cli/process_status.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

namespace wherry::cli {
namespace {

std::uint64_t to_ms(const timeval& time) noexcept {
  return static_cast<std::uint64_t>(time.tv_sec) * 1000 +
         static_cast<std::uint64_t>(time.tv_usec) / 1000;
}

}  // namespace

ProcessStatus::ProcessStatus(std::uint32_t loops) noexcept
    : loops_(loops), memory_pages_(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)) {}

// "size resident shared …", in pages
std::uint64_t ProcessStatus::resident_bytes() const noexcept {
  char text[128];
  const ssize_t size = ::pread(memory_pages_.get(), text, sizeof(text) - 1, 0);
  if (size <= 0) return 0;
  text[size] = '\0';
  unsigned long long resident_pages = 0;
  if (std::sscanf(text, "%*u %llu", &resident_pages) != 1) return 0;
  return resident_pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void ProcessStatus::report(StatusSink& sink) const noexcept {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  sink.section("process");
  sink.gauge("resident_bytes", resident_bytes());
  sink.gauge("peak_resident_bytes", static_cast<std::uint64_t>(used.ru_maxrss) * 1024);
  sink.counter("user_ms", to_ms(used.ru_utime));
  sink.counter("system_ms", to_ms(used.ru_stime));
  sink.gauge("loops", loops_);
}

}  // namespace wherry::cli
