// SPDX-License-Identifier: MIT
// What runs of `put` before this one have begun, so that the same command goes on where they ended:
// a small JSON file for each upload, in $XDG_STATE_HOME/wherry/uploads (~/.local/state by default).
// Knows no network; what a protocol makes of a note is the sender's to say.
// Keeps: a note is a hint: where it cannot be read, written or locked, an upload begins anew and
// nothing else is different. Of two runs at the same time one has the note.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/client/local_file.h"

namespace wherry::cli {

/// What makes an upload the same one in another run.
struct UploadSubject {
  std::string url;                      // that the file is to have
  std::string file;                     // its path here
  std::vector<std::string> conditions;  // fields that were sent when it began
  FileIdentity identity;
};

/// The note of one upload.
class UploadNote {
 public:
  UploadNote() = default;

  /// Of the upload resource; empty: none is known.
  const std::string& upload_url() const noexcept { return upload_url_; }
  /// "ietf", "tus"
  const std::string& protocol() const noexcept { return protocol_; }
  /// Whether its bytes are of the file as it is now.
  bool is_current() const noexcept { return is_current_; }

  /// Notes where the upload is, for the next run.
  void keep(const std::string& upload_url, const std::string& protocol);
  /// There is nothing to go on with any more.
  void drop() noexcept;

 private:
  friend class UploadNotes;

  bool lock(int flags) noexcept;
  void read();

  std::string path_;  // empty: nothing is noted
  UploadSubject subject_;
  Descriptor file_;  // locked while this run has it
  std::string upload_url_;
  std::string protocol_;
  bool is_current_ = false;
};

/// The folder of all notes. Of all threads.
class UploadNotes {
 public:
  /// Removes notes that no run has touched for 30 days.
  UploadNotes();
  /// In that folder; empty: nowhere.
  explicit UploadNotes(std::string folder);

  /// Returns: the note of that upload, which no other run has; one that knows nothing, and keeps
  /// nothing, where there is no folder, another run has it, or the file is too small to go on with.
  UploadNote open(UploadSubject subject) const;

 private:
  void sweep() const noexcept;

  std::string folder_;
};

}  // namespace wherry::cli
