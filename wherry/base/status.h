// SPDX-License-Identifier: MIT
// Status: how parts of a program tell what they have in use, and how much of it there is: a server
// its connections, a storage its slots, a board its stack. Whoever writes that down, as JSON or for
// a monitor, is a sink; who tells does not know which. Knows no text format.
//
// A sink may ask a source several times for one page, and leave out each time what it has already:
// so a source tells the same names in the same order each time, whatever the values.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wherry {

/// Names are literals of letters, digits and underscores, at most kMaxNameBytes. A name ends with
/// its unit where it has one: "free_bytes", "uptime_ms". (A pointer, for a board's sake: a name and
/// a number are then handed over in registers.)
class StatusSink {
 public:
  static constexpr std::size_t kMaxNameBytes = 24;

  enum class Kind : std::uint8_t {
    gauge,    // goes up and down, or is fixed
    counter,  // only grows, from 0 at the start of the program
  };

  /// What follows belongs to `name`, up to the next section.
  virtual void section(const char* name) noexcept = 0;
  /// What follows belongs to one of several like things in this section, up to the next item.
  virtual void item(const char* name) noexcept = 0;
  virtual void number(const char* name, std::uint64_t value, Kind kind) noexcept = 0;
  /// `text`: at most kMaxNameBytes.
  virtual void text(const char* name, const char* text) noexcept = 0;

  void gauge(const char* name, std::uint64_t value) noexcept { number(name, value, Kind::gauge); }
  void counter(const char* name, std::uint64_t value) noexcept {
    number(name, value, Kind::counter);
  }

 protected:
  ~StatusSink() = default;
};

class StatusSource {
 public:
  /// Tells all at once, without waiting: numbers that belong to the section that is open, then
  /// sections of its own. Called on the loop.
  virtual void report(StatusSink& sink) const noexcept = 0;

 protected:
  ~StatusSource() = default;
};

}  // namespace wherry
