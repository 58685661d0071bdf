// SPDX-License-Identifier: MIT
#include "cli/client/partial_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "cli/client/json.h"

namespace wherry::cli {
namespace {

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// Whether `descriptor` is still the file under that name.
bool is_at(int descriptor, const std::string& path) {
  struct stat open_one = {};
  struct stat named_one = {};
  return fstat(descriptor, &open_one) == 0 && lstat(path.c_str(), &named_one) == 0 &&
         open_one.st_dev == named_one.st_dev && open_one.st_ino == named_one.st_ino;
}

std::string read_small(const std::string& path) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  std::string text(16 * 1024, '\0');
  const ssize_t size = file ? read(file.get(), text.data(), text.size()) : -1;
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

}  // namespace

std::string PartialFile::open(const std::string& path, const std::string& url) {
  part_ = path + ".part";
  origin_ = part_ + ".json";
  url_ = url;
  std::string error = lock();
  if (!error.empty()) return error;
  if (!take_up() && !restart("")) return part_ + ": " + system_error();
  return {};
}

std::string PartialFile::lock() {
  constexpr int kAttempts = 10;  // each fails when a download that had the name has just ended
  for (int i = 0; i < kAttempts; ++i) {
    descriptor_ = Descriptor(
        ::open(part_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666));
    if (!descriptor_) return part_ + ": " + system_error();
    if (flock(descriptor_.get(), LOCK_EX | LOCK_NB) != 0) {
      return errno == EWOULDBLOCK ? part_ + ": another download is writing it"
                                  : part_ + ": " + system_error();
    }
    if (is_at(descriptor_.get(), part_)) return {};
  }
  return part_ + ": another download is writing it";
}

bool PartialFile::take_up() {
  const std::string origin = read_small(origin_);
  const auto validator = json_text(origin, "validator");
  if (!validator || validator->empty() || json_text(origin, "url") != url_) return false;
  std::vector<char> block(kReadBlock);
  Crc32 crc;
  std::uint64_t size = 0;
  while (true) {
    const ssize_t count =
        pread(descriptor_.get(), block.data(), block.size(), static_cast<off_t>(size));
    if (count < 0) return false;
    if (count == 0) break;
    crc.update(as_bytes(std::string_view(block.data(), static_cast<std::size_t>(count))));
    size += static_cast<std::uint64_t>(count);
  }
  validator_ = *validator;
  size_ = size;
  crc_ = crc;
  return true;
}

bool PartialFile::restart(const std::string& validator) {
  // Emptied before it is said what of it is: never bytes of one version under another's name.
  if (ftruncate(descriptor_.get(), 0) != 0) return false;
  size_ = 0;
  crc_ = {};
  validator_ = validator;
  if (validator_.empty()) return unlink(origin_.c_str()) == 0 || errno == ENOENT;
  return write_origin();
}

bool PartialFile::write_origin() {
  const std::string text =
      JsonObject().text("url", url_).text("validator", validator_).finish() + "\n";
  const std::string temporary = origin_ + "~";
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666));
    if (!file || !write_all(file.get(), 0, as_bytes(text))) return false;
  }
  return rename(temporary.c_str(), origin_.c_str()) == 0;
}

bool PartialFile::append(Bytes bytes) noexcept {
  if (!write_all(descriptor_.get(), size_, bytes)) return false;
  crc_.update(bytes);
  size_ += bytes.size();
  return true;
}

std::string PartialFile::finish(const std::string& path, bool replaces) {
  if (fsync(descriptor_.get()) != 0) return part_ + ": " + system_error();
  const unsigned flags = replaces ? 0 : RENAME_NOREPLACE;
  if (renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, path.c_str(), flags) != 0) {
    return path + ": " + system_error();
  }
  unlink(origin_.c_str());
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) fsync(folder.get());
  return {};
}

void PartialFile::drop() noexcept {
  unlink(origin_.c_str());
  unlink(part_.c_str());
}

void PartialFile::leave() noexcept {
  if (size_ == 0 || validator_.empty()) drop();
}

}  // namespace wherry::cli
