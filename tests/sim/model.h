// SPDX-License-Identifier: MIT
// Model: what each client of a simulation was promised, and whether what is seen later keeps it.
//
// Of each name it knows who wanted to make what of it, from when to when. A change that was
// acknowledged has happened between its begin and its reply; one of which nothing was heard has
// happened at some time until the power went, or never; a refused one never has. So what a reader
// may find is what some change made, unless another one that was acknowledged began only after
// that had ended.
//
// Knows no protocol and no storage.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wherry::sim {

/// A promise was not kept.
class Violation : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Content {
  std::uint32_t id;
  std::string bytes;
  std::uint32_t crc32;
};
using ContentPtr = std::shared_ptr<const Content>;

/// Bytes of which no two contents have the same, except that there are none.
ContentPtr make_content(std::uint32_t id, std::size_t size);

class Model {
 public:
  using Time = std::uint64_t;  // counts what happens
  static constexpr Time kNever = UINT64_MAX;

  /// A change of a name, wanted by one client.
  struct Change {
    std::string name;
    ContentPtr content;  // null: the name leads to nothing then
    Time begin = 0;
    Time end = kNever;
    bool is_acknowledged = false;
  };
  using ChangePtr = std::shared_ptr<Change>;

  Time now() { return ++now_; }

  ChangePtr begin(const std::string& name, ContentPtr content);
  /// `since`: when it may have happened at the earliest; 0: since its begin.
  void acknowledge(const ChangePtr& change, Time since = 0);
  void refuse(const ChangePtr& change);
  /// What was under way has happened by now, or never will.
  void power_went();

  /// Somebody has read `bytes` of the name (none: there is nothing), asked for at `since`: all of
  /// it, or from `offset` on.  Throws Violation.
  struct Seen {
    std::optional<std::string_view> bytes;
    std::size_t offset = 0;
    bool is_whole = true;
  };
  ContentPtr check_read(const std::string& name, Time since, const Seen& seen);
  /// The same, when nobody else is at work: so it stays.
  void settle(const std::string& name, const Seen& seen);

  /// A version was told together with these bytes, or with this CRC-32.  Throws Violation: it was
  /// told of others.
  void check_tag(const std::string& name, const std::string& tag, std::uint32_t crc32);
  /// Somebody has changed the name on the condition that it was `tag` ("": nothing), and was told
  /// that it worked.  Throws Violation: somebody else was too.
  void won(const std::string& name, const std::string& tag);

  /// All names that ever were meant.
  std::vector<std::string> names() const;

 private:
  std::string describe(const Change& change) const;
  bool may_be_seen(const std::vector<ChangePtr>& changes, const Change& change, Time since) const;

  Time now_ = 0;
  std::map<std::string, std::vector<ChangePtr>> changes_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> tags_;
  std::set<std::pair<std::string, std::string>> won_;
};

}  // namespace wherry::sim
