// SPDX-License-Identifier: MIT
#include "tests/sim/disk.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

namespace wherry::sim {
namespace {

std::uint64_t whole_pages(std::uint64_t size) {
  return (size + Disk::kPageBytes - 1) / Disk::kPageBytes * Disk::kPageBytes;
}

}  // namespace

Disk::Disk(std::uint64_t capacity_bytes, Random& random)
    : capacity_bytes_(capacity_bytes), random_(random) {
  Node& root = nodes_[kRoot];
  root.is_folder = true;
  root.parent = kRoot;
  root.links = 1;
}

Disk::Number Disk::find(Number folder, std::string_view name) const {
  const auto& entries = nodes_.at(folder).entries;
  const auto found = entries.find(name);
  return found != entries.end() ? found->second.number : 0;
}

bool Disk::count_change() { return change_count_++ == cut_at_; }

// ---------------------------------------------------------------- names

void Disk::set_name(Number folder, std::string_view name, Number number) {
  Node& node = nodes_.at(folder);
  const auto there = node.entries.find(name);
  if (number == 0) {
    node.entries.erase(there);
  } else if (there != node.entries.end()) {
    there->second.number = number;
  } else {
    node.entries.emplace(std::string(name), Entry{number, node.next_cookie++});
  }
}

void Disk::lost_link(Number number) {
  Node& node = nodes_.at(number);
  --node.links;
  charge(node);
}

void Disk::closed(Number number) {
  Node& node = nodes_.at(number);
  --node.opened;
  charge(node);
}

void Disk::charge(Node& node) {
  const bool is_there = node.links > 0 || node.opened > 0;
  const std::uint64_t bytes = is_there ? whole_pages(node.bytes.size()) : 0;
  used_bytes_ += bytes - std::exchange(node.charged_bytes, bytes);
}

int Disk::make(Number folder, std::string_view name, bool is_folder, std::int64_t now_ns,
               Number& made) {
  if (!has_power_) return EIO;
  if (find(folder, name) != 0) return EEXIST;
  if (nodes_.at(folder).links == 0) return ENOENT;
  const bool is_cut = count_change();
  made = next_number_++;
  Node& node = nodes_[made];
  node.is_folder = is_folder;
  node.parent = folder;
  node.links = 1;
  node.about.modified_ns = node.kept_about.modified_ns = now_ns;
  set_name(folder, name, made);
  pending_.push_back({{folder, std::string(name), made, 0}});
  return settle(is_cut);
}

int Disk::remove(Number folder, std::string_view name, bool is_folder) {
  if (!has_power_) return EIO;
  const Number number = find(folder, name);
  if (number == 0) return ENOENT;
  const Node& node = nodes_.at(number);
  if (node.is_folder != is_folder) return is_folder ? ENOTDIR : EISDIR;
  if (!node.entries.empty()) return ENOTEMPTY;
  const bool is_cut = count_change();
  set_name(folder, name, 0);
  lost_link(number);
  pending_.push_back({{folder, std::string(name), 0, number}});
  return settle(is_cut);
}

int Disk::rename(Number from_folder, std::string_view from, Number to_folder, std::string_view to,
                 bool may_replace) {
  if (!has_power_) return EIO;
  const Number number = find(from_folder, from);
  const Number there = find(to_folder, to);
  if (number == 0 || nodes_.at(to_folder).links == 0) return ENOENT;
  for (Number above = to_folder; above != kRoot; above = nodes_.at(above).parent) {
    if (above == number) return EINVAL;
  }
  if (there == number && may_replace) return 0;
  if (there != 0 && !may_replace) return EEXIST;
  if (there != 0 && nodes_.at(there).is_folder) {
    if (!nodes_.at(number).is_folder) return EISDIR;
    if (!nodes_.at(there).entries.empty()) return ENOTEMPTY;
  } else if (there != 0 && nodes_.at(number).is_folder) {
    return ENOTDIR;
  }
  const bool is_cut = count_change();
  set_name(to_folder, to, number);
  set_name(from_folder, from, 0);
  if (there != 0) lost_link(there);
  nodes_.at(number).parent = to_folder;
  pending_.push_back(
      {{to_folder, std::string(to), number, 0}, {from_folder, std::string(from), 0, number}});
  return settle(is_cut);
}

// ---------------------------------------------------------------- bytes

int Disk::write(Number file, std::uint64_t offset, std::string_view bytes, std::int64_t now_ns) {
  if (!has_power_) return EIO;
  Node& node = nodes_.at(file);
  const std::size_t end = std::max<std::size_t>(node.bytes.size(), offset + bytes.size());
  const std::uint64_t growth = whole_pages(end) - whole_pages(node.bytes.size());
  if (growth > capacity_bytes_ - std::min(capacity_bytes_, used_bytes_)) return ENOSPC;
  const bool is_cut = count_change();
  if (is_cut) bytes = bytes.substr(0, random_.below(bytes.size() + 1));
  if (node.bytes.size() < offset + bytes.size()) node.bytes.resize(offset + bytes.size());
  node.bytes.replace(offset, bytes.size(), bytes);
  node.changed_from = std::min<std::size_t>(node.changed_from, offset);
  node.changed_to = std::max<std::size_t>(node.changed_to, offset + bytes.size());
  node.about.modified_ns = now_ns;
  charge(node);
  return settle(is_cut);
}

int Disk::truncate(Number file, std::uint64_t size, std::int64_t now_ns) {
  if (!has_power_) return EIO;
  Node& node = nodes_.at(file);
  if (node.bytes.size() == size) return 0;
  const bool is_cut = count_change();
  node.changed_from = std::min<std::size_t>({node.changed_from, size, node.bytes.size()});
  node.changed_to = std::max<std::size_t>({node.changed_to, size, node.bytes.size()});
  node.bytes.resize(size);
  node.about.modified_ns = now_ns;
  charge(node);
  return settle(is_cut);
}

int Disk::set_modified(Number file, std::int64_t modified_ns) {
  if (!has_power_) return EIO;
  const bool is_cut = count_change();
  nodes_.at(file).about.modified_ns = modified_ns;
  return settle(is_cut);
}

int Disk::set_attribute(Number file, std::string_view attribute) {
  if (!has_power_) return EIO;
  const bool is_cut = count_change();
  nodes_.at(file).about.attribute = attribute;
  return settle(is_cut);
}

// ---------------------------------------------------------------- what is durable

int Disk::sync(Number number) {
  if (!has_power_) return EIO;
  if (count_change()) return settle(true);
  Node& node = nodes_.at(number);
  if (node.is_folder) sync_names(number);
  const std::size_t from = std::min(node.changed_from, node.bytes.size());
  const std::size_t to = std::min(node.changed_to, node.bytes.size());
  node.kept_bytes.resize(node.bytes.size());
  if (from < to) node.kept_bytes.replace(from, to - from, node.bytes, from, to - from);
  node.changed_from = SIZE_MAX;
  node.changed_to = 0;
  node.kept_about = node.about;
  return 0;
}

void Disk::apply(const NameChange& change) {
  auto& entries = nodes_.at(change.folder).kept_entries;
  if (change.number != 0) {
    entries[change.name] = change.number;
  } else if (const auto there = entries.find(change.name);
             there != entries.end() && there->second == change.was) {
    entries.erase(there);
  }
}

// Both names of a rename are made durable by a sync of either folder.
void Disk::sync_names(Number folder) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const bool is_meant = std::ranges::any_of(
        pending_[i], [&](const NameChange& change) { return change.folder == folder; });
    if (!is_meant) continue;
    for (const NameChange& change : std::exchange(pending_[i], {})) {
      apply(change);
      forget_changes_of(change, i);
    }
  }
  std::erase_if(pending_, [](const Transaction& transaction) { return transaction.empty(); });
}

// What the same name led to earlier must not come back over what it leads to now.
void Disk::forget_changes_of(const NameChange& change, std::size_t before) {
  for (std::size_t i = 0; i < before; ++i) {
    std::erase_if(pending_[i], [&](const NameChange& other) {
      return other.folder == change.folder && other.name == change.name;
    });
  }
}

bool Disk::has_luck(Luck luck) {
  return luck == Luck::all_kept || (luck == Luck::mixed && random_.chance(50));
}

void Disk::keep_some_bytes(Node& node, Luck luck) {
  const std::size_t from = node.changed_from / kPageBytes * kPageBytes;
  if (node.changed_from < node.changed_to) {
    const std::size_t old_size = node.kept_bytes.size();
    std::size_t size = has_luck(luck) ? node.bytes.size() : old_size;
    if (luck == Luck::mixed && old_size < node.bytes.size() && random_.chance(50)) {
      size = random_.between(old_size, node.bytes.size());
    }
    node.kept_bytes.resize(std::max(old_size, node.bytes.size()));
    for (std::size_t at = from; at < node.bytes.size(); at += kPageBytes) {
      const std::size_t part = std::min(kPageBytes, node.bytes.size() - at);
      if (has_luck(luck)) node.kept_bytes.replace(at, part, node.bytes, at, part);
    }
    node.kept_bytes.resize(size);
  }
  if (has_luck(luck)) node.kept_about.modified_ns = node.about.modified_ns;
  if (has_luck(luck)) node.kept_about.attribute = node.about.attribute;
}

void Disk::power_on() {
  const Luck luck = static_cast<Luck>(std::min<std::uint64_t>(random_.below(4), 2));
  for (const Transaction& transaction : std::exchange(pending_, {})) {
    if (!has_luck(luck)) continue;
    for (const NameChange& change : transaction) apply(change);
  }
  for (auto& [number, node] : nodes_) {
    keep_some_bytes(node, luck);
    node.bytes = node.kept_bytes;
    node.about = node.kept_about;
    node.changed_from = SIZE_MAX;
    node.changed_to = 0;
    node.links = number == kRoot ? 1 : 0;
    node.opened = 0;
    node.entries.clear();
    for (const auto& [name, child] : node.kept_entries) {
      node.entries.emplace(name, Entry{child, node.next_cookie++});
    }
  }
  forget_unreachable();
  has_power_ = true;
  cut_at_ = kNever;
}

void Disk::forget_unreachable() {
  std::vector<Number> found{kRoot};
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const auto& [name, entry] : nodes_.at(found[i]).entries) {
      Node& child = nodes_.at(entry.number);
      child.parent = found[i];
      if (child.links++ == 0) found.push_back(entry.number);
    }
  }
  std::erase_if(nodes_, [](const auto& each) { return each.second.links == 0; });
  used_bytes_ = 0;
  for (auto& [number, node] : nodes_) {
    node.charged_bytes = 0;
    charge(node);
  }
}

}  // namespace wherry::sim
