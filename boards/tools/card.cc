// SPDX-License-Identifier: MIT
// wherry_card: puts boot.json on the image of a board's memory card, as a board would write it.
//
// The card is read and written by the firmware's own storage, and the file is judged by the
// firmware's own parser. It never harms a card: one that holds no file system that is whole is left
// as it is, unless it is blank.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "boards/common/boot_config.h"
#include "wherry/base/error.h"
#include "wherry/storage/littlefs/littlefs_storage.h"

namespace wherry::boards {
namespace {

namespace littlefs = storage::littlefs;

constexpr std::string_view kUsage =
    "usage: wherry_card check FILE              says what is wrong with a boot.json\n"
    "       wherry_card install IMAGE FILE      puts it on the image of a card; formats a blank "
    "one\n"
    "       wherry_card install --force IMAGE FILE    also one that the board will not take\n";

/// Says `text` on the standard error. Returns: the program's exit status.
int fail(const std::string& text) {
  std::fprintf(stderr, "wherry_card: %s\n", text.c_str());
  return 1;
}

/// An image in a file, as a card.
class ImageFile final : public littlefs::BlockDevice {
 public:
  static constexpr std::size_t kSectorBytes = 512;

  explicit ImageFile(const std::string& name)
      : file_(name, std::ios::in | std::ios::out | std::ios::binary) {
    file_.seekg(0, std::ios::end);
    if (file_) size_ = static_cast<std::uint64_t>(file_.tellg());
  }

  bool is_open() const { return file_.is_open(); }

  std::size_t sector_bytes() const noexcept override { return kSectorBytes; }
  std::uint32_t sector_count() const noexcept override {
    return static_cast<std::uint32_t>(size_ / kSectorBytes);
  }
  littlefs::DeviceStatus read(std::uint32_t first_sector, MutableBytes into) noexcept override {
    file_.seekg(static_cast<std::streamoff>(std::uint64_t{first_sector} * kSectorBytes));
    file_.read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
    return status();
  }
  littlefs::DeviceStatus program(std::uint32_t first_sector, Bytes bytes) noexcept override {
    file_.seekp(static_cast<std::streamoff>(std::uint64_t{first_sector} * kSectorBytes));
    file_.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
    return status();
  }
  littlefs::DeviceStatus erase(std::uint32_t, std::uint32_t) noexcept override { return status(); }
  littlefs::DeviceStatus sync() noexcept override {
    file_.flush();
    return status();
  }

 private:
  littlefs::DeviceStatus status() const {
    return file_.good() ? littlefs::DeviceStatus::ok : littlefs::DeviceStatus::failed;
  }

  std::fstream file_;
  std::uint64_t size_ = 0;
};

/// The storage of an image; what the boards have, as far as the medium can tell.
class Card {
 public:
  explicit Card(const std::string& name) : image_(name), storage_(image_, memory_, kOptions) {}
  Card(const Card&) = delete;
  Card& operator=(const Card&) = delete;

  bool is_open() const { return image_.is_open(); }
  littlefs::LittlefsStorage& storage() { return storage_; }

 private:
  static constexpr littlefs::Options kOptions = {.sector_bytes = ImageFile::kSectorBytes};

  ImageFile image_;
  alignas(littlefs::LittlefsStorage::kAlignment)
      std::byte memory_[littlefs::LittlefsStorage::required_bytes(kOptions)];
  littlefs::LittlefsStorage storage_;
};

/// Returns: what is wrong with a boot.json; empty: nothing.
std::string judge(const std::string& text) {
  std::vector<char> memory(kBootConfigMemoryBytes);
  BootConfig config;
  BootConfigError error;
  if (parse_boot_config(text, memory, config, error)) return {};
  char line[200];
  TextWriter writer(line);
  describe(error, writer);
  std::string said(writer.view());
  for (char& c : said) c = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return said;
}

bool read_file(const std::string& name, std::string& text) {
  std::ifstream file(name, std::ios::binary);
  if (!file) return false;
  text.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  return !file.bad();
}

int check(const std::string& name) {
  std::string text;
  if (!read_file(name, text)) return fail(name + " cannot be read: " + std::strerror(errno));
  const std::string wrong = judge(text);
  return wrong.empty() ? 0 : fail(wrong);
}

int install(const std::string& image, const std::string& name, bool is_forced) {
  std::string text;
  if (!read_file(name, text)) return fail(name + " cannot be read: " + std::strerror(errno));
  const std::string wrong = judge(text);
  if (!wrong.empty() && !is_forced) return fail(wrong);
  Card card(image);
  if (!card.is_open()) return fail(image + " cannot be opened: " + std::strerror(errno));
  const littlefs::Medium medium = card.storage().mount(littlefs::Format::if_blank);
  if (medium != littlefs::Medium::ready) {
    return fail(image + ": " + std::string(littlefs::text_of(medium)) +
                "; nothing was written to it");
  }
  const Result<> written =
      card.storage().write_private(kBootConfigName, as_bytes(std::string_view(text)));
  if (!written) return fail(image + ": " + std::string(wherry::describe(written.error()).text));
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  const std::size_t count = arguments.size();
  const std::string command = count > 0 ? arguments[0] : "";
  if (command == "check" && count == 2) return check(arguments[1]);
  const bool is_forced = command == "install" && count == 4 && arguments[1] == "--force";
  if (command == "install" && (count == 3 || is_forced)) {
    return install(arguments[count - 2], arguments[count - 1], is_forced);
  }
  std::fputs(kUsage.data(), stderr);
  return 2;
}

}  // namespace
}  // namespace wherry::boards

int main(int count, char** arguments) {
  return wherry::boards::run({arguments + 1, arguments + count});
}
