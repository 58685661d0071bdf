// SPDX-License-Identifier: MIT
#include "cli/client/commands.h"

#include <curl/curl.h>

#include <cmath>
#include <string>

#include "cli/client/cancel.h"
#include "cli/client/doctor.h"
#include "cli/client/get.h"
#include "cli/client/options.h"
#include "cli/client/put.h"
#include "cli/client/sync.h"

namespace wherry::cli {

struct ClientCommands::Options {
  PutOptions put;
  GetOptions get;
  SyncOptions sync;
  DoctorOptions doctor;
};

struct ClientCommands::Commands {
  CLI::App* put;
  CLI::App* get;
  CLI::App* sync;
  CLI::App* doctor;
};

namespace {

void add_seconds(CLI::App& command, const std::string& name, std::uint32_t& target_ms,
                 const std::string& help, const std::string& shown) {
  command
      .add_option_function<double>(
          name,
          [&target_ms](double seconds) {
            target_ms = static_cast<std::uint32_t>(std::lround(seconds * 1000));
          },
          help)
      ->type_name("SECONDS")
      ->default_str(shown)
      ->check(CLI::Range(0.1, 1e6))
      ->group("Network");
}

void add_common(CLI::App& command, ClientOptions& options, bool moves_files) {
  command.add_flag("--json", options.json, "JSON on standard output, one object a line");
  command
      .add_option("-H,--header", options.fields, "A field for each request, such as Authorization")
      ->type_name("NAME:VALUE")
      ->allow_extra_args(false)
      ->group("Network");
  add_seconds(command, "--idle-timeout", options.idle_timeout_ms,
              "Without a byte either way; no minimum speed", "60");
  if (!moves_files) return;
  command.add_option("-P,--parallel", options.parallel, "Files at once")
      ->check(CLI::Range(1u, 64u))
      ->capture_default_str();
  command.add_flag("-q,--quiet", options.quiet, "No progress and no results, only what goes wrong");
  command
      .add_option("--retries", options.retries, "Attempts in a row that may get nothing further")
      ->check(CLI::Range(0u, 1'000'000u))
      ->capture_default_str()
      ->group("Network");
  add_seconds(command, "--timeout", options.timeout_ms, "For one file, with all its attempts",
              "none");
}

CLI::App* add_put(CLI::App& program, PutOptions& options) {
  CLI::App& command = *program.add_subcommand(
      "put",
      "Send files; goes on after each cut where the server had got to, also in another run.\n\n"
      "  wherry put photo.jpg http://192.168.1.20:8000/upload/       under its own name\n"
      "  wherry put photo.jpg http://192.168.1.20:8000/upload/a.jpg  under this one\n"
      "  wherry put *.jpg http://192.168.1.20:8000/files/photos/\n");
  command.add_option("FILE... URL", options.arguments, "The files, and where they go to")
      ->required()
      ->option_text(" ")
      ->expected(2, 1'000'000);
  CLI::Option* absent =
      command.add_flag("--no-clobber", options.no_clobber, "Only where there is no such file yet");
  command.add_option("--if-match", options.if_match, "Only over the version of this entity tag")
      ->type_name("ETAG")
      ->excludes(absent);
  command.add_flag("--read-once", options.read_once,
                   "No checksum beforehand: compare with the server's at the end");
  command.add_flag("--fresh", options.fresh, "From the start, not where an earlier run has ended");
  add_common(command, options.client, true);
  return &command;
}

CLI::App* add_get(CLI::App& program, GetOptions& options) {
  CLI::App& command =
      *program.add_subcommand("get",
                              "Fetch files; goes on after each cut, also in another run.\n\n"
                              "  wherry get http://192.168.1.20:8000/files/photo.jpg\n");
  command.add_option("URL", options.urls, "What to fetch")->required();
  CLI::Option* folder =
      command.add_option("-O,--folder", options.folder, "The folder that files come into")
          ->type_name("DIR")
          ->check(CLI::ExistingDirectory);
  command.add_option("-o,--output", options.file, "The file that a single URL becomes")
      ->type_name("FILE")
      ->excludes(folder);
  add_common(command, options.client, true);
  return &command;
}

CLI::App* add_sync(CLI::App& program, SyncOptions& options) {
  CLI::App& command = *program.add_subcommand(
      "sync",
      "Make a folder of a server like one here: send what differs by size or CRC-32.\n\n"
      "  wherry sync ~/site http://192.168.1.20:8000/files/site/ --delete\n");
  command.add_option("DIR", options.folder, "The folder here")
      ->required()
      ->check(CLI::ExistingDirectory);
  command.add_option("URL", options.url, "The folder there, below /files/")->required();
  command.add_flag("--delete", options.deletes,
                   "Remove there what is not here: files, and folders that are empty then");
  command.add_flag("-n,--dry-run", options.dry_run, "Only say what would be done");
  add_common(command, options.client, true);
  return &command;
}

CLI::App* add_doctor(CLI::App& program, DoctorOptions& options) {
  CLI::App& command =
      *program.add_subcommand("doctor",
                              "Say where the time of transfers goes: link, server or storage.\n\n"
                              "  wherry doctor http://192.168.1.20:8000\n");
  command.add_option("URL", options.url, "The server")->required();
  command.add_option("--size", options.size_bytes, "Bytes of each measured transfer, at the most")
      ->type_name("BYTES")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("8388608");
  add_common(command, options.client, false);
  return &command;
}

}  // namespace

ClientCommands::ClientCommands(CLI::App& program)
    : options_(std::make_unique<Options>()), commands_(std::make_unique<Commands>()) {
  commands_->put = add_put(program, options_->put);
  commands_->get = add_get(program, options_->get);
  commands_->sync = add_sync(program, options_->sync);
  commands_->doctor = add_doctor(program, options_->doctor);
}

ClientCommands::~ClientCommands() = default;

bool ClientCommands::are_wanted() const {
  return commands_->put->parsed() || commands_->get->parsed() || commands_->sync->parsed() ||
         commands_->doctor->parsed();
}

Exit ClientCommands::run() {
  catch_signals();
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return Exit::internal;
  Exit exit = Exit::done;
  if (commands_->put->parsed()) exit = put(options_->put);
  if (commands_->get->parsed()) exit = get(options_->get);
  if (commands_->sync->parsed()) exit = sync(options_->sync);
  if (commands_->doctor->parsed()) exit = doctor(options_->doctor);
  curl_global_cleanup();
  return exit;
}

}  // namespace wherry::cli
