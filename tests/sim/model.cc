// SPDX-License-Identifier: MIT
#include "tests/sim/model.h"

#include <algorithm>
#include <utility>

#include "wherry/base/bytes.h"
#include "wherry/base/crc32.h"

namespace wherry::sim {
namespace {

// What a change that made this would be seen as.
bool is_like(const Content* content, const Model::Seen& seen) {
  if (!seen.bytes || content == nullptr) return !seen.bytes && content == nullptr;
  const std::string_view bytes(content->bytes);
  if (seen.is_whole) return bytes == *seen.bytes;
  return seen.offset <= bytes.size() && bytes.substr(seen.offset).starts_with(*seen.bytes);
}

}  // namespace

ContentPtr make_content(std::uint32_t id, std::size_t size) {
  Content content{id, std::string(size, '\0'), 0};
  std::uint32_t state = id * 2654435761u + 1;
  for (std::size_t i = 0; i < size; ++i) {
    state = state * 1664525u + 1013904223u;
    content.bytes[i] = static_cast<char>(i < 4 ? id >> (8 * i) : state >> 24);
  }
  content.crc32 = crc32(as_bytes(std::string_view(content.bytes)));
  return std::make_shared<const Content>(std::move(content));
}

Model::ChangePtr Model::begin(const std::string& name, ContentPtr content) {
  auto& changes = changes_[name];
  if (changes.empty())
    changes.push_back(std::make_shared<Change>(Change{name, nullptr, 0, 0, true}));
  changes.push_back(
      std::make_shared<Change>(Change{name, std::move(content), now(), kNever, false}));
  return changes.back();
}

void Model::acknowledge(const ChangePtr& change, Time since) {
  change->end = now();
  change->is_acknowledged = true;
  if (since != 0) change->begin = std::min(change->begin, since);
}

void Model::refuse(const ChangePtr& change) { std::erase(changes_[change->name], change); }

void Model::power_went() {
  const Time end = now();
  for (auto& [name, changes] : changes_) {
    for (const ChangePtr& change : changes) change->end = std::min(change->end, end);
  }
}

std::string Model::describe(const Change& change) const {
  std::string text = change.content ? "content " + std::to_string(change.content->id) + " of " +
                                          std::to_string(change.content->bytes.size()) + " bytes"
                                    : "nothing";
  return text + (change.is_acknowledged ? " (acknowledged)" : " (perhaps)");
}

bool Model::may_be_seen(const std::vector<ChangePtr>& changes, const Change& change,
                        Time since) const {
  return std::ranges::none_of(changes, [&](const ChangePtr& other) {
    return other->is_acknowledged && other->begin > change.end && other->end < since;
  });
}

ContentPtr Model::check_read(const std::string& name, Time since, const Seen& seen) {
  if (changes_[name].empty()) settle(name, {});
  const auto& changes = changes_[name];
  std::string allowed;
  for (const ChangePtr& change : changes) {
    if (!may_be_seen(changes, *change, since)) continue;
    if (is_like(change->content.get(), seen)) return change->content;
    allowed += "\n  " + describe(*change);
  }
  std::string found = "nothing is there";
  if (seen.bytes) {
    found = std::to_string(seen.bytes->size()) + " bytes from " + std::to_string(seen.offset) +
            " on are none of the contents that may be there";
    for (const auto& [other_name, others] : changes_) {
      for (const ChangePtr& change : others) {
        if (is_like(change->content.get(), seen))
          found += ", but " + describe(*change) + " of " + other_name;
      }
    }
  }
  throw Violation(name + ": " + found + "; there may be:" + allowed);
}

void Model::settle(const std::string& name, const Seen& seen) {
  auto& changes = changes_[name];
  if (changes.empty()) {
    changes.push_back(std::make_shared<Change>(Change{name, nullptr, 0, 0, true}));
  }
  const ContentPtr content = check_read(name, now(), seen);
  const Time time = now();
  // Copies: a reply that came before may still be compared, and what its sender is told later of a
  // change is no news here.
  for (ChangePtr& change : changes) {
    change = std::make_shared<Change>(*change);
    change->end = std::min(change->end, time - 1);
  }
  changes.push_back(std::make_shared<Change>(Change{name, content, time, time, true}));
}

void Model::check_tag(const std::string& name, const std::string& tag, std::uint32_t crc32) {
  const auto [there, is_new] = tags_.try_emplace({name, tag}, crc32);
  if (!is_new && there->second != crc32) {
    throw Violation(name + ": the version " + tag + " was told of two contents");
  }
}

void Model::won(const std::string& name, const std::string& tag) {
  if (!won_.emplace(name, tag).second) {
    throw Violation(name + ": two were told that they changed version '" + tag + "'");
  }
}

std::vector<std::string> Model::names() const {
  std::vector<std::string> names;
  for (const auto& [name, changes] : changes_) names.push_back(name);
  return names;
}

}  // namespace wherry::sim
