// SPDX-License-Identifier: MIT
#include "cli/client/get.h"

#include <memory>
#include <vector>

#include "cli/client/console.h"
#include "cli/client/fetcher.h"
#include "cli/client/parallel.h"
#include "cli/client/result.h"

namespace wherry::cli {

Exit get(const GetOptions& options) {
  if (!options.file.empty() && options.urls.size() != 1) {
    std::fputs("wherry: -o names the file of a single URL; -O names a folder\n", stderr);
    return Exit::usage;
  }
  std::vector<TransferResult> results(options.urls.size());
  Console console(options.client);
  console.add_files(options.urls.size());
  run_parallel(options.client.parallel, results.size(), [&] {
    return [&, exchanger = std::make_shared<Exchanger>()](std::size_t i) {
      results[i] = Fetcher(options, console, *exchanger, options.urls[i]).run();
      console.end_file();
      tell(console, results[i]);
    };
  });
  return worst_of(results);
}

}  // namespace wherry::cli
