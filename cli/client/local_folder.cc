// SPDX-License-Identifier: MIT
#include "cli/client/local_folder.h"

#include <filesystem>

namespace wherry::cli {

std::string walk_local(const std::string& folder, LocalTree& tree) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::recursive_directory_iterator each(folder, error);
  const fs::recursive_directory_iterator end;
  for (; !error && each != end; each.increment(error)) {
    const std::string path = each->path().lexically_relative(folder).generic_string();
    const fs::file_status status = each->symlink_status(error);
    if (error) break;
    if (fs::is_directory(status)) {
      if (path == ".wherry") {
        each.disable_recursion_pending();
      } else {
        tree.folders.insert(path);
      }
    } else if (fs::is_regular_file(status)) {
      tree.files[path] = each->file_size(error);
      if (error) break;
    } else {
      tree.skipped.push_back(path);
    }
  }
  return error ? folder + ": " + error.message() : std::string();
}

}  // namespace wherry::cli
