// SPDX-License-Identifier: MIT
#include "boards/common/firmware.h"

#include "wherry/base/text_writer.h"

extern "C" {
// Addresses, by the linker script.
extern const std::byte wherry_flash_begin[], wherry_flash_end[];
}

namespace wherry::boards {

namespace {

/// `error`: none: the file has been taken.
void tell_config(const BootConfigError* error) noexcept {
  if (error == nullptr) return console().write_line("Configuration: boot.json");
  char text[160];
  TextWriter line(text);
  describe(*error, line);
  console().write_line(line.view());
  console().write_line("Configuration: defaults, for boot.json has a mistake");
}

}  // namespace

Bytes flash() noexcept { return {wherry_flash_begin, wherry_flash_end}; }

void tell_storage(storage::littlefs::Medium medium) noexcept {
  char text[100];
  TextWriter line(text);
  line.append("Storage: ").append(storage::littlefs::text_of(medium));
  console().write_line(line.view());
}

storage::littlefs::Format format_of(const BootConfig& config) noexcept {
  using storage::littlefs::Format;
  if (config.format_corrupt) return Format::if_unreadable;
  return config.format_blank ? Format::if_blank : Format::never;
}

BootConfig boot(storage::littlefs::LittlefsStorage& storage, BootConfig config,
                MutableBytes memory) noexcept {
  tell_storage(storage.mount(format_of(config)));
  const Result<MutableBytes> file =
      storage.read_private(kBootConfigName, memory.first(kMaxBootConfigBytes));
  BootConfigError error;
  bool is_good = file.has_value();
  if (file) {
    const MutableBytes rest = memory.subspan(kMaxBootConfigBytes, kBootConfigMemoryBytes);
    is_good = parse_boot_config(as_text(*file), {reinterpret_cast<char*>(rest.data()), rest.size()},
                                config, error)
                  .has_value();
  } else if (file.error() == Error::content_too_large) {
    error.reason = kBootConfigTooLarge;
  } else {
    error.reason = wherry::describe(file.error()).text;
  }
  storage.set_later_format(format_of(config));
  const bool is_there =
      file || (file.error() != Error::not_found && file.error() != Error::storage_unavailable);
  if (is_there) tell_config(is_good ? nullptr : &error);
  return config;
}

BootConfig defaults_of(const app::Limits& limits) noexcept {
  BootConfig config;
  config.header_ms = limits.header_ms;
  config.body_idle_ms = limits.body_idle_ms;
  config.write_idle_ms = limits.write_idle_ms;
  config.keep_alive_idle_ms = limits.keep_alive_idle_ms;
  config.max_content_length = limits.max_content_length;
  return config;
}

app::Limits with(app::Limits limits, const BootConfig& config) noexcept {
  limits.header_ms = static_cast<std::uint32_t>(config.header_ms);
  limits.body_idle_ms = static_cast<std::uint32_t>(config.body_idle_ms);
  limits.write_idle_ms = static_cast<std::uint32_t>(config.write_idle_ms);
  limits.keep_alive_idle_ms = static_cast<std::uint32_t>(config.keep_alive_idle_ms);
  limits.max_content_length = config.max_content_length;
  return limits;
}

}  // namespace wherry::boards
