// SPDX-License-Identifier: MIT
// The power goes at every write of an upload that is gone on with: created, written, synced, noted,
// and so on, then committed; with every fate of what was not synced. After each: what a sync made
// durable is there, the note counts no more than that, the file under the name is the old one or
// the new one, whole, and all others are as they were.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/powerloss/upload.h"

namespace wherry::powerloss {
namespace {

using storage::CreateOptions;
using storage::Scope;
using storage::littlefs::some_bytes;

constexpr const char* kUpload = ".wherry/uploads/0a1b";
constexpr const char* kNote = ".wherry/uploads/0a1b.note";

struct Case {
  const char* name;
  const char* path;
  bool is_new;                     // else over another file
  std::vector<std::size_t> steps;  // bytes, each with a sync and a note behind them
  bool metadata_moves;
};

const Case kCases[] = {
    {"OverAFile", "file", false, {5'000, 3'000, 4'096}, false},
    {"SmallOverAFile", "file", false, {100, 100, 700}, true},
    {"NewInAFolder", "folder/file", true, {9'000, 1, 600}, false},
    {"NewInNewFolders", "one/two/file", true, {300, 6'000}, true},
};

/// What was promised until the power went.
struct Promised {
  std::size_t synced = 0;
  std::size_t noted = 0;
  bool is_committed = false;
};

class ResumeCut : public ::testing::TestWithParam<std::tuple<Case, bool>> {
 protected:
  ResumeCut() : device_(ram()), text_(some_bytes(whole_bytes(), 5)) {}

  static const Case& test_case() { return std::get<0>(GetParam()); }
  static storage::littlefs::RamOptions ram() {
    return {.sector_count = 64 * 8, .needs_erasure = std::get<1>(GetParam())};
  }
  static storage::littlefs::Options storage_options() {
    storage::littlefs::Options its = options();
    its.slots = 3;
    its.uploads = &storage::littlefs::Writer::kUploads;
    its.file_system.block_cycles = test_case().metadata_moves ? 2 : -1;
    return its;
  }
  static std::size_t whole_bytes() {
    std::size_t size = 0;
    for (const std::size_t step : test_case().steps) size += step;
    return size;
  }

  Result<> note(LittlefsStorage& on, std::size_t size) {
    TestLoop loop;
    Result<storage::StagedFile> file = loop.run(on.create(kNote, {.scope = Scope::uploads}));
    if (!file) return file.error();
    const std::string text = std::to_string(size);
    if (const Result<> step = loop.run(file->write(as_bytes(std::string_view(text)))); !step)
      return step;
    return loop.run(file->commit());
  }

  /// Goes on with the upload from `kept` to its end, a new handle for each step. Returns: how far
  /// it came.
  Promised upload(LittlefsStorage& on, std::size_t kept) {
    TestLoop loop;
    Promised promised{kept, kept};
    for (std::size_t i = 0, end = 0; i < test_case().steps.size(); ++i) {
      end += test_case().steps[i];
      if (kept > 0 && end <= kept) continue;
      Result<storage::StagedFile> file =
          loop.run(on.create(kUpload, {.scope = Scope::uploads, .resume_at = promised.synced}));
      if (!file) return promised;
      const std::string_view piece =
          std::string_view(text_).substr(promised.synced, end - promised.synced);
      if (!loop.run(file->write(as_bytes(piece)))) return promised;
      if (!loop.run(file->sync())) return promised;
      promised.synced = end;
      if (!note(on, end)) return promised;
      promised.noted = end;
      // Never kept: it is cut off again.
      if (!loop.run(file->write(as_bytes(std::string_view(text_))))) return promised;
    }
    Result<storage::StagedFile> file =
        loop.run(on.create(kUpload, {.scope = Scope::uploads, .resume_at = promised.synced}));
    if (!file) return promised;
    const std::uint32_t crc = crc32(as_bytes(std::string_view(text_)));
    promised.is_committed =
        loop.run(file->commit({.crc32 = crc, .path = test_case().path})).has_value();
    return promised;
  }

  Promised upload_until_cut(const FaultyDevice::Image& image, std::uint64_t index) {
    device_.insert(image);
    StorageOn on(device_, storage_options());
    EXPECT_EQ(on.storage().mount(Format::never), Medium::ready);
    device_.cut_at(index);
    return upload(on.storage(), 0);
  }

  static Result<std::string> read(LittlefsStorage& on, const char* path) {
    TestLoop loop;
    Result<storage::File> file = loop.run(on.open(path, Scope::uploads));
    if (!file) return file.error();
    return storage::littlefs::read_all(loop, *file);
  }

  /// Returns: what is wrong with what is left of the upload; empty: nothing.
  std::string look_at_upload(LittlefsStorage& on, const Promised& promised, std::size_t& noted) {
    const Result<std::string> count = read(on, kNote);
    if (!count && count.error() != Error::not_found) return "the note cannot be read";
    noted = count ? std::stoul(*count) : 0;
    if (noted < promised.noted) return "a note is lost";
    const Result<std::string> bytes = read(on, kUpload);
    if (!bytes && bytes.error() != Error::not_found) return "the upload cannot be read";
    const Result<std::string> whole = get(on, test_case().path);
    if (whole && *whole == text_) return bytes ? "it is there twice" : "";
    const std::size_t size = bytes ? bytes->size() : 0;
    if (size < promised.synced) return "what was synced is lost";
    if (size < noted) return "the note counts too much";
    if (size > text_.size() || bytes.value_or("") != text_.substr(0, size))
      return "the bytes are others";
    return "";
  }

  /// Mounts what the power cut left, and goes on. Returns: what is wrong; empty: nothing.
  std::string look(const Promised& promised, const std::optional<std::string>& old_text) {
    ++cut_count_;
    StorageOn on(device_, storage_options());
    if (on.storage().mount(Format::never) != Medium::ready) return "it cannot be mounted";
    std::size_t noted = 0;
    std::string wrong = look_at_upload(on.storage(), promised, noted);
    if (!wrong.empty()) return wrong;
    // A commit may leave folders that were made for it: so they are not looked for.
    const bool is_there = get(on.storage(), test_case().path).value_or("") == text_;
    if (promised.is_committed && !is_there) return "success was told, and the file is not there";
    if (!is_there && old_text && get(on.storage(), test_case().path).value_or("") != *old_text)
      return "the old file is not what it was";
    if (!is_there && !old_text && get(on.storage(), test_case().path))
      return "a file is there that nobody committed";
    for (const Bystander& file : bystanders()) {
      if (get(on.storage(), file.path).value_or("") != file.text) return "a bystander is harmed";
    }
    if (!is_there && !upload(on.storage(), noted).is_committed) return "it cannot be gone on with";
    if (get(on.storage(), test_case().path).value_or("") != text_) return "it ends as another file";
    if (on.storage().slots_in_use() != 0) return "slots are left";
    on.storage().unmount();
    return count_debris(device_) == 0 ? "" : "staging is left";
  }

  FaultyDevice device_;
  std::string text_;
  std::uint64_t cut_count_ = 0;
};

TEST_P(ResumeCut, AtEveryWriteWithEveryFateKeepsWhatWasSynced) {
  FaultyDevice::Image image = new_medium(ram());
  std::optional<std::string> old_text;
  if (!test_case().is_new) {
    old_text = some_bytes(7'000, 9);
    device_.insert(image);
    StorageOn on(device_, storage_options());
    ASSERT_EQ(on.storage().mount(Format::never), Medium::ready);
    ASSERT_TRUE(put(on.storage(), test_case().path, *old_text));
    image = device_.bytes();
  }
  for (std::uint64_t index = 0;; ++index) {
    const Promised promised = upload_until_cut(image, index);
    const bool was_cut = !device_.has_power();
    ASSERT_TRUE(was_cut || promised.is_committed) << "it failed without a fault";
    const FaultyDevice at_cut = device_;
    for (const Earlier earlier : kAllEarlier) {
      if (at_cut.earlier_count() == 0 && earlier != Earlier::kept) continue;
      for (const Last last : kAllLast) {
        if (!was_cut && last != Last::none) continue;
        device_ = at_cut;
        device_.power_on({earlier, last}, static_cast<std::uint32_t>(index));
        ASSERT_EQ(look(promised, old_text), "")
            << "write " << index << ", earlier ones " << static_cast<int>(earlier) << ", it "
            << static_cast<int>(last);
      }
    }
    if (!was_cut) break;
  }
  EXPECT_GT(cut_count_, 200u);
  std::printf("%llu power cuts\n", static_cast<unsigned long long>(cut_count_));
}

INSTANTIATE_TEST_SUITE_P(Media, ResumeCut,
                         ::testing::Combine(::testing::ValuesIn(kCases), ::testing::Bool()),
                         [](const auto& its) {
                           return std::string(std::get<0>(its.param).name) +
                                  (std::get<1>(its.param) ? "OnFlash" : "OnCard");
                         });

}  // namespace
}  // namespace wherry::powerloss
