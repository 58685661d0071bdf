// SPDX-License-Identifier: MIT
#include "cli/client/put.h"

#include <sys/stat.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "cli/client/console.h"
#include "cli/client/names.h"
#include "cli/client/parallel.h"
#include "cli/client/sender.h"

namespace wherry::cli {
namespace {

Exit complain(const char* sentence) {
  std::fprintf(stderr, "wherry: %s\n", sentence);
  return Exit::usage;
}

/// For the bar alone: a file that is not there is told of by its sender.
std::int64_t size_of(const std::string& file) {
  struct stat status = {};
  return stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) ? status.st_size : 0;
}

std::string name_of(const std::string& file) { return file.substr(file.rfind('/') + 1); }

std::vector<std::string> conditions_of(const PutOptions& options) {
  std::vector<std::string> fields;
  if (options.no_clobber) fields.emplace_back("If-None-Match: *");
  if (!options.if_match.empty()) {
    const bool is_quoted = options.if_match.starts_with('"') || options.if_match == "*";
    fields.push_back("If-Match: " + (is_quoted ? options.if_match : '"' + options.if_match + '"'));
  }
  return fields;
}

}  // namespace

Exit put(const PutOptions& options) {
  std::vector<std::string> files = options.arguments;
  const auto url = normal_url(files.back());
  files.pop_back();
  if (!url) return complain("the last argument is no URL of HTTP");
  const bool is_folder = path_of_url(*url).ends_with('/');
  if (files.size() > 1 && !is_folder) {
    return complain("several files go into a folder: let the URL end in /");
  }
  std::vector<TransferResult> results(files.size());
  TusServers tus;
  const UploadNotes notes;
  Console console(options.client);
  console.add_files(files.size());
  for (const std::string& file : files) console.add_total(size_of(file));
  run_parallel(options.client.parallel, files.size(), [&] {
    return [&, exchanger = std::make_shared<Exchanger>()](std::size_t i) {
      Shipment shipment{files[i], is_folder ? url_below(*url, name_of(files[i])) : *url};
      shipment.conditions = conditions_of(options);
      shipment.read_once = options.read_once;
      shipment.fresh = options.fresh;
      results[i] =
          Sender(options.client, console, *exchanger, tus, notes, std::move(shipment)).run();
      console.end_file();
      tell(console, results[i]);
    };
  });
  return worst_of(results);
}

}  // namespace wherry::cli
