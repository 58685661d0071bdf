// SPDX-License-Identifier: MIT
// The `wherry` program: what a person may type, and what it means.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <new>

#include "cli/serve.h"
#ifdef WHERRY_CLIENT
#include "cli/client/commands.h"
#endif

#ifndef WHERRY_VERSION
#error "the build gives WHERRY_VERSION"
#endif

namespace wherry::cli {
namespace {

/// Seconds, as a person writes them, into milliseconds.
class Seconds {
 public:
  explicit Seconds(std::uint32_t& milliseconds) : milliseconds_(&milliseconds) {}

  void add_to(CLI::App& command, const std::string& name, const std::string& help) const {
    std::uint32_t* target = milliseconds_;
    command
        .add_option_function<double>(
            name, [target](double seconds) { *target = to_ms(seconds); }, help)
        ->type_name("SECONDS")
        ->default_str(as_text(*target))
        ->check(CLI::Range(0.0, 1e6))
        ->group("Timeouts");
  }

 private:
  static std::uint32_t to_ms(double seconds) {
    return static_cast<std::uint32_t>(std::lround(seconds * 1000));
  }
  static std::string as_text(std::uint32_t ms) { return std::to_string(ms / 1000); }

  std::uint32_t* milliseconds_;
};

/// Bytes: 2048, 16K, 16MiB.
template <class Size>
void add_size(CLI::App& command, const std::string& name, Size& value, const std::string& help) {
  auto* option = command.add_option(name, value, help)
                     ->type_name("BYTES")
                     ->transform(CLI::AsSizeValue(false))
                     ->group("Limits");
  option->default_str(value == static_cast<Size>(UINT64_MAX) ? "no limit" : std::to_string(value));
}

void add_limits(CLI::App& command, ServeOptions& options) {
  app::Limits& limits = options.limits;
  command.add_option("--max-connections", limits.max_connections, "Connections served at once")
      ->type_name("COUNT")
      ->check(CLI::Range(1u, 100'000u))
      ->capture_default_str()
      ->group("Limits");
  add_size(command, "--max-content-length", limits.max_content_length, "Largest body: 413 above");
  add_size(command, "--max-body-length", limits.max_body_length,
           "Largest JSON or form that is taken whole: 413 above");
  add_size(command, "--max-readline", limits.max_readline, "Longest request line: 414 above");
  add_size(command, "--max-header-bytes", limits.max_header_bytes, "Largest head: 431 above");
  add_size(command, "--upload-keep-bytes", limits.upload_keep_bytes,
           "Of a resumable upload: how much of it a crash of the server may take back");
  command
      .add_option("--max-unfinished-uploads", limits.max_unfinished_uploads,
                  "Resumable uploads that may lie unfinished: 507 above")
      ->type_name("COUNT")
      ->capture_default_str()
      ->group("Limits");
  add_size(command, "--max-unfinished-bytes", limits.max_unfinished_bytes,
           "What these may take together: 507 above");
  command
      .add_option("--upload-max-age", limits.upload_max_age_s,
                  "After which an upload that nobody goes on with is removed")
      ->type_name("SECONDS")
      ->check(CLI::Range(1u, 1'000'000'000u))
      ->capture_default_str()
      ->group("Timeouts");
  Seconds(limits.header_ms).add_to(command, "--header-timeout", "For a whole request head");
  Seconds(limits.body_idle_ms)
      .add_to(command, "--body-idle-timeout", "Without a byte of a body; no minimum speed");
  Seconds(limits.write_idle_ms)
      .add_to(command, "--write-idle-timeout", "In which a client takes no byte of a reply");
  Seconds(limits.keep_alive_idle_ms)
      .add_to(command, "--keep-alive-timeout", "Between two requests of a connection");
  Seconds(options.grace_ms)
      .add_to(command, "--grace", "For running transfers once the server is told to stop");
}

/// Returns: what is wrong with an origin; nothing: it is "*", or one as browsers send them.
std::string check_origin(const std::string& origin) {
  const std::size_t host = origin.find("://");
  if (origin == "*" || origin == "null") return {};
  const bool is_origin =
      host != std::string::npos && host > 0 && host + 3 < origin.size() &&
      origin.find_first_of("/?#@ ", host + 3) == std::string::npos &&
      std::ranges::all_of(origin, [](unsigned char c) { return c > ' ' && c < 0x7F; });
  return is_origin ? "" : "'" + origin + "' is no origin: https://app.example.org, or *";
}

void add_serve(CLI::App& program, ServeOptions& options) {
  CLI::App& command =
      *program.add_subcommand("serve",
                              "Serve a folder: upload, download, generate and report.\n\n"
                              "  wherry serve ~/files --host 0.0.0.0\n"
                              "  curl -T photo.jpg http://127.0.0.1:8000/upload/photo.jpg\n"
                              "  curl -O http://127.0.0.1:8000/download/file/photo.jpg\n");
  command.add_option("DIR", options.folder, "The folder that files go to and come from")
      ->capture_default_str();
  command.add_option("--host", options.host, "Address to listen at; 0.0.0.0 or :: for all")
      ->capture_default_str();
  command.add_option("--port", options.port, "Port to listen at; 0 for one that is free")
      ->capture_default_str();
  command.add_option("--threads", options.threads, "Event-loop threads")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  const std::map<std::string, storage::posix::Durability> durabilities{
      {"full", storage::posix::Durability::full}, {"none", storage::posix::Durability::none}};
  command
      .add_option("--durability", options.storage.durability,
                  "full: an upload that was answered survives a power cut; none: only a crash")
      ->transform(CLI::CheckedTransformer(durabilities).description(""))
      ->type_name("full|none")
      ->default_str("full");
  const std::map<std::string, LogFormat> formats{{"text", LogFormat::text},
                                                 {"json", LogFormat::json}};
  command.add_option("--log-format", options.log_format, "One line a transfer, on stdout")
      ->transform(CLI::CheckedTransformer(formats).description(""))
      ->type_name("text|json")
      ->default_str("text");
  command
      .add_option("--cors", options.origins,
                  "Origin whose pages may use this server from a browser: https://app.example.org; "
                  "repeatable; * for all")
      ->type_name("ORIGIN")
      ->check(CLI::Validator(check_origin, ""))
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_limits(command, options);
}

constexpr int kUsage = 2;  // the exit status for a command line that makes no sense

int run(int argc, char** argv) {
  CLI::App program(
      "Wherry moves files on and off a machine over HTTP: in constant memory, checked by\n"
      "CRC-32, whole or not at all.",
      "wherry");
  program.set_version_flag("--version", "wherry " WHERRY_VERSION);
  program.require_subcommand(1);
  ServeOptions options;
  add_serve(program, options);
#ifdef WHERRY_CLIENT
  ClientCommands client(program);
#endif
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : kUsage;
  }
#ifdef WHERRY_CLIENT
  if (client.are_wanted()) return static_cast<int>(client.run());
#endif
  return serve(options);
}

}  // namespace
}  // namespace wherry::cli

int main(int argc, char** argv) {
  try {
    return wherry::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("wherry: there is not enough memory for these limits\n", stderr);
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "wherry: %s\n", error.what());
    return 1;
  }
}
