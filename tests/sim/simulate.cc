// SPDX-License-Identifier: MIT
// simulate [--seed N] [--seeds FROM COUNT] [--storage posix|littlefs] [--trace]
// Runs simulations one after the other, each seed on each storage. Prints of the first that fails
// what was violated, what happened before, and the command that runs it again; then exits 1.
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/simulation.h"

namespace {

using wherry::sim::Outcome;
using wherry::sim::StorageKind;

struct Options {
  std::uint64_t from = 1;
  std::uint64_t count = 100;
  std::vector<StorageKind> kinds = {StorageKind::posix, StorageKind::littlefs};
  bool traces = false;
};

const char* program = "simulate";

const char* name_of(StorageKind kind) { return kind == StorageKind::posix ? "posix" : "littlefs"; }

[[noreturn]] void usage() {
  std::fprintf(stderr,
               "usage: %s [--seed N] [--seeds FROM COUNT] [--storage posix|littlefs] [--trace]\n",
               program);
  std::exit(2);
}

Options parse(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const auto next = [&] { return ++i < count ? words[i] : (usage(), nullptr); };
    if (word == "--seed") {
      options.from = std::strtoull(next(), nullptr, 10);
      options.count = 1;
      options.traces = true;
    } else if (word == "--seeds") {
      options.from = std::strtoull(next(), nullptr, 10);
      options.count = std::strtoull(next(), nullptr, 10);
    } else if (word == "--storage") {
      const std::string_view kind = next();
      if (kind != "posix" && kind != "littlefs") usage();
      options.kinds = {kind == "posix" ? StorageKind::posix : StorageKind::littlefs};
    } else if (word == "--trace") {
      options.traces = true;
    } else {
      usage();
    }
  }
  return options;
}

// Said also when an assertion ends the program, by a handler that may do nothing but write.
std::array<char, 256> replay_command;

void set_replay_command(std::uint64_t seed, StorageKind kind) {
  std::snprintf(replay_command.data(), replay_command.size(), "%s --seed %llu --storage %s\n",
                program, static_cast<unsigned long long>(seed), name_of(kind));
}

void tell_replay_command(int) {
  constexpr std::string_view kText = "To run it again: ";
  static_cast<void>(!::write(STDOUT_FILENO, kText.data(), kText.size()));
  static_cast<void>(
      !::write(STDOUT_FILENO, replay_command.data(), std::strlen(replay_command.data())));
  std::signal(SIGABRT, SIG_DFL);
}

void print_events(const Outcome& outcome) {
  for (const std::string& event : outcome.events) std::printf("%s\n", event.c_str());
}

}  // namespace

int main(int count, char** words) {
  program = words[0];
  const Options options = parse(count, words);
  std::signal(SIGABRT, tell_replay_command);
  std::uint64_t power_cuts = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (std::uint64_t seed = options.from; seed < options.from + options.count; ++seed) {
    for (const StorageKind kind : options.kinds) {
      set_replay_command(seed, kind);
      const Outcome outcome = wherry::sim::simulate(seed, kind);
      power_cuts += outcome.power_cuts;
      if (options.traces || !outcome.violation.empty()) print_events(outcome);
      if (outcome.violation.empty()) continue;
      std::printf("Seed %llu on %s fails: %s\nTo run it again: %s",
                  static_cast<unsigned long long>(seed), name_of(kind), outcome.violation.c_str(),
                  replay_command.data());
      return 1;
    }
  }
  const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - begin;
  std::printf("%llu seeds, %llu power cuts, %.1f s: nothing promised was broken\n",
              static_cast<unsigned long long>(options.count),
              static_cast<unsigned long long>(power_cuts), duration.count());
  return 0;
}
