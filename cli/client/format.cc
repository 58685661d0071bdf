// SPDX-License-Identifier: MIT
#include "cli/client/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "wherry/base/escape.h"
#include "wherry/base/text_writer.h"

namespace wherry::cli {
namespace {

/// `value` with three digits: 1.23, 12.3, 123.
std::string three_digits(double value) {
  std::array<char, 32> text{};
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

/// Characters, not bytes, of UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Takes characters off the end until `columns` are left.
std::string cut(std::string text, std::size_t columns) {
  while (width_of(text) > columns) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) {
      text.pop_back();
    }
    if (!text.empty()) text.pop_back();
  }
  return text;
}

std::string bar(double part, std::size_t columns) {
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(columns));
  std::string text = "[";
  text.append(filled, '#').append(columns - filled, '.').append("]");
  return text;
}

}  // namespace

std::string format_size(std::uint64_t bytes) {
  constexpr std::array kUnits = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return three_digits(value) + " " + kUnits[unit];
}

std::string format_rate(double bytes_per_s) {
  const double bounded = std::clamp(bytes_per_s, 0.0, 1e18);
  return format_size(static_cast<std::uint64_t>(bounded)) + "/s";
}

std::string format_bit_rate(double bytes_per_s) {
  constexpr std::array kUnits = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};
  double value = std::max(bytes_per_s, 0.0) * 8;
  std::size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return three_digits(value) + " " + kUnits[unit];
}

std::string format_duration(double seconds) {
  if (!(seconds >= 0) || seconds > 99 * 3600.0) return "-:--";
  const auto whole = static_cast<unsigned>(std::ceil(seconds));
  std::array<char, 32> text{};
  if (whole >= 3600) {
    std::snprintf(text.data(), text.size(), "%u:%02u:%02u", whole / 3600, whole / 60 % 60,
                  whole % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%u:%02u", whole / 60, whole % 60);
  }
  return text.data();
}

std::string format_latency(double seconds) {
  return seconds < 0.9995 ? three_digits(std::max(seconds, 0.0) * 1000) + " ms"
                          : three_digits(seconds) + " s";
}

std::string format_progress(const ProgressLine& line, unsigned columns) {
  std::string numbers;
  std::string graph;
  if (line.total_bytes > 0) {
    const double part =
        std::min(1.0, static_cast<double>(line.done_bytes) / static_cast<double>(line.total_bytes));
    const double left =
        static_cast<double>(line.total_bytes - std::min(line.done_bytes, line.total_bytes));
    std::array<char, 8> percent{};
    std::snprintf(percent.data(), percent.size(), "%3.0f%%", std::floor(part * 100));
    numbers = std::string(percent.data()) + "  " + format_rate(line.bytes_per_s) + "  " +
              format_duration(line.bytes_per_s > 0 ? left / line.bytes_per_s : -1) + " left";
    if (columns >= 70) graph = bar(part, 20) + " ";
  } else {
    numbers = format_size(line.done_bytes) + "  " + format_rate(line.bytes_per_s);
  }
  if (line.file_count > 1) {
    numbers = std::to_string(line.finished_count) + "/" + std::to_string(line.file_count) + "  " +
              numbers;
  }
  const std::size_t taken = numbers.size() + graph.size() + 2;
  const std::size_t room = columns > taken ? columns - taken : 0;
  std::string name = printable(line.name);
  if (width_of(name) > room) name = room < 4 ? "" : cut(name, room - 1) + "~";
  return name + (name.empty() ? "" : "  ") + graph + numbers;
}

std::string printable(std::string_view text) {
  std::string escaped(4 * text.size(), '\0');
  TextWriter writer{std::span<char>(escaped)};
  append_log_text(writer, text);
  return std::string(writer.view());
}

}  // namespace wherry::cli
