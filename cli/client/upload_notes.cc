// SPDX-License-Identifier: MIT
#include "cli/client/upload_notes.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>

#include "cli/client/json.h"
#include "wherry/base/sha256.h"
#include "wherry/base/text_writer.h"

namespace wherry::cli {
namespace {

constexpr std::uint64_t kSmallestFile = 64 * 1024;
constexpr std::time_t kOldest_s = 30 * 24 * 60 * 60;
constexpr int kOpenFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// Source: XDG Base Directory Specification: what is no absolute path counts as none.
std::string default_folder() {
  const std::string state = variable("XDG_STATE_HOME");
  if (state.starts_with('/')) return state + "/wherry/uploads";
  const std::string home = variable("HOME");
  return home.starts_with('/') ? home + "/.local/state/wherry/uploads" : std::string();
}

void make_folders(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != path.npos; slash = path.find('/', slash + 1))
    mkdir(path.substr(0, slash).c_str(), 0700);
}

/// 32 hexadecimal digits, of all that makes it this upload but the state of the file.
std::string name_of(const UploadSubject& subject) {
  Sha256 sum;
  const auto add = [&sum](const std::string& text) {
    sum.update(as_bytes(text));
    sum.update(as_bytes(std::string_view("\0", 1)));
  };
  add(subject.url);
  add(subject.file);
  for (const std::string& condition : subject.conditions) add(condition);
  std::string name(32, '\0');
  TextWriter writer{std::span<char>(name)};
  const Sha256Value value = sum.value();
  for (std::size_t i = 0; i < name.size() / 2; ++i) {
    writer.append_hex(std::to_integer<std::uint8_t>(value[i]), 2);
  }
  return name;
}

bool is_at(int descriptor, const std::string& path) noexcept {
  struct stat open_one = {};
  struct stat named_one = {};
  return fstat(descriptor, &open_one) == 0 && lstat(path.c_str(), &named_one) == 0 &&
         open_one.st_dev == named_one.st_dev && open_one.st_ino == named_one.st_ino;
}

}  // namespace

// ---------------------------------------------------------------- one note

/// Returns: whether it is there, and this run's.
bool UploadNote::lock(int flags) noexcept {
  file_ = Descriptor(::open(path_.c_str(), kOpenFlags | flags, 0600));
  // One that another run has just dropped is none any more.
  return file_ && flock(file_.get(), LOCK_EX | LOCK_NB) == 0 && is_at(file_.get(), path_);
}

void UploadNote::read() {
  std::string text(16 * 1024, '\0');
  const ssize_t size = pread(file_.get(), text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  upload_url_ = json_text(text, "upload").value_or("");
  protocol_ = json_text(text, "protocol").value_or("");
  const FileIdentity& its = subject_.identity;
  is_current_ = json_number(text, {"size"}) == its.size &&
                json_number(text, {"modified_ns"}) == static_cast<std::uint64_t>(its.modified_ns);
}

void UploadNote::keep(const std::string& upload_url, const std::string& protocol) {
  if (path_.empty() || (upload_url == upload_url_ && is_current_)) return;
  if (!file_) {
    make_folders(path_);
    if (!lock(O_CREAT)) {
      path_.clear();
      return;
    }
  }
  const std::string text =
      JsonObject()
          .text("url", subject_.url)
          .text("file", subject_.file)
          .number("size", subject_.identity.size)
          .number("modified_ns", static_cast<std::uint64_t>(subject_.identity.modified_ns))
          .text("protocol", protocol)
          .text("upload", upload_url)
          .finish() +
      "\n";
  const bool is_written =
      ftruncate(file_.get(), 0) == 0 && write_all(file_.get(), 0, as_bytes(text));
  if (!is_written) return drop();
  upload_url_ = upload_url;
  protocol_ = protocol;
  is_current_ = true;
}

void UploadNote::drop() noexcept {
  if (file_) unlink(path_.c_str());
  file_ = Descriptor();
  upload_url_.clear();
}

// ---------------------------------------------------------------- all notes

UploadNotes::UploadNotes() : UploadNotes(default_folder()) {}

UploadNotes::UploadNotes(std::string folder) : folder_(std::move(folder)) { sweep(); }

UploadNote UploadNotes::open(UploadSubject subject) const {
  UploadNote note;
  if (folder_.empty() || subject.identity.size < kSmallestFile) return note;
  std::error_code error;
  const auto path = std::filesystem::canonical(subject.file, error);
  if (error) return note;
  subject.file = path.string();
  note.path_ = folder_ + "/" + name_of(subject);
  note.subject_ = std::move(subject);
  if (note.lock(0)) {
    note.read();
  } else if (note.file_) {
    note.path_.clear();  // another run has it
  }
  return note;
}

void UploadNotes::sweep() const noexcept {
  if (folder_.empty()) return;
  const std::time_t now_s = std::time(nullptr);
  std::error_code error;
  std::filesystem::directory_iterator each(folder_, error);
  for (; !error && each != std::filesystem::directory_iterator(); each.increment(error)) {
    const std::string path = each->path().string();
    struct stat status = {};
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file || fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (status.st_mtime + kOldest_s > now_s) continue;
    if (flock(file.get(), LOCK_EX | LOCK_NB) == 0) unlink(path.c_str());
  }
}

}  // namespace wherry::cli
