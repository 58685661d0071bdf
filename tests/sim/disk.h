// SPDX-License-Identifier: MIT
// Disk: a file system as POSIX promises it, and no better: what is not synchronised may be lost
// with the power, or kept, in any order.
//
// Each file and folder is there twice: as those see it who use it now, and as it is after a loss of
// power. A sync makes the second like the first. When the power goes, chance decides of every page,
// size, attribute and change of a name since the last sync, each for itself; a rename happens as a
// whole or not at all. The write in which it goes is torn.
//
// Knows no system call (system_calls.cc), no storage and no time.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/random.h"

namespace wherry::sim {

class Disk {
 public:
  using Number = std::uint64_t;  // of a file or folder; 0: none
  static constexpr Number kRoot = 1;
  static constexpr std::size_t kPageBytes = 512;
  static constexpr std::uint64_t kNever = UINT64_MAX;

  struct Entry {
    Number number = 0;
    std::uint64_t cookie = 0;  // its place in the folder; that of a name, whatever it leads to
  };

  /// What is known of a file or folder beside its bytes.
  struct About {
    std::int64_t modified_ns = 0;
    std::string attribute;
  };

  struct Node {
    bool is_folder = false;
    Number parent = 0;  // a folder's
    std::uint32_t links = 0;
    std::uint32_t opened = 0;  // descriptors that lead here

    // As it is seen now.
    std::string bytes;
    About about;
    std::map<std::string, Entry, std::less<>> entries;

    // As it is when the power has gone.
    std::string kept_bytes;
    About kept_about;
    std::map<std::string, Number, std::less<>> kept_entries;

    std::size_t changed_from = SIZE_MAX;  // which of the bytes may differ
    std::size_t changed_to = 0;
    std::uint64_t next_cookie = 1;
    std::uint64_t charged_bytes = 0;  // of the room on the disk
  };

  Disk(std::uint64_t capacity_bytes, Random& random);

  const Node& node(Number number) const { return nodes_.at(number); }
  Number find(Number folder, std::string_view name) const;

  // Each returns 0 or an errno. EIO: there is no power.
  int make(Number folder, std::string_view name, bool is_folder, std::int64_t now_ns, Number& made);
  int remove(Number folder, std::string_view name, bool is_folder);
  int rename(Number from_folder, std::string_view from, Number to_folder, std::string_view to,
             bool may_replace);
  int write(Number file, std::uint64_t offset, std::string_view bytes, std::int64_t now_ns);
  int truncate(Number file, std::uint64_t size, std::int64_t now_ns);
  int set_modified(Number file, std::int64_t modified_ns);
  int set_attribute(Number file, std::string_view attribute);
  int sync(Number number);

  /// A file without a name stays while it is open.
  void opened(Number number) { ++nodes_.at(number).opened; }
  void closed(Number number);

  std::uint64_t capacity_bytes() const { return capacity_bytes_; }
  std::uint64_t used_bytes() const { return used_bytes_; }

  /// The power goes in the `index`-th change or sync from now on (0: the next).
  void cut_at(std::uint64_t index) { cut_at_ = change_count_ + index; }
  void cut_now() { has_power_ = false; }
  bool has_power() const { return has_power_; }
  std::uint64_t change_count() const { return change_count_; }
  /// The power comes back: all that is there now was kept.
  void power_on();

 private:
  /// One name that leads to something else; `was`: what it has to lead to for that, 0: anything.
  struct NameChange {
    Number folder;
    std::string name;
    Number number;
    Number was;
  };
  using Transaction = std::vector<NameChange>;
  enum class Luck : std::uint8_t { all_kept, all_lost, mixed };

  bool has_luck(Luck luck);
  /// Returns: whether the power goes in this change.
  bool count_change();
  int settle(bool is_cut) { return is_cut ? (has_power_ = false, 5 /* EIO */) : 0; }
  void set_name(Number folder, std::string_view name, Number number);
  void lost_link(Number number);
  void charge(Node& node);
  void apply(const NameChange& change);
  void sync_names(Number folder);
  void forget_changes_of(const NameChange& change, std::size_t before);
  void keep_some_bytes(Node& node, Luck luck);
  void forget_unreachable();

  std::uint64_t capacity_bytes_;
  Random& random_;
  std::map<Number, Node> nodes_;
  Number next_number_ = kRoot + 1;
  std::deque<Transaction> pending_;  // changes of names that are not synchronised, in order
  std::uint64_t used_bytes_ = 0;
  std::uint64_t change_count_ = 0;
  std::uint64_t cut_at_ = kNever;
  bool has_power_ = true;
};

}  // namespace wherry::sim
