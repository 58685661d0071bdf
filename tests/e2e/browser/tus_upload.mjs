// SPDX-License-Identifier: MIT
// node tus_upload.mjs ENDPOINT FILE NAME [OPTIONS]: sends FILE by tus-js-client, as NAME, until it is
// there. OPTIONS: JSON, further options of its Upload. Says on its output, as JSON: `url` of the
// upload, `offset` and `crc32` and `place` as the last reply has them, `cuts`: how often it went on.
import fs from "node:fs";
import { PassThrough } from "node:stream";
import * as tus from "tus-js-client";

const [endpoint, file, filename, optionsText] = process.argv.slice(2);
const options = JSON.parse(optionsText ?? "{}");
const kRetryMs = 100;

const said = { cuts: 0 };
// Of a file it knows the length; a length that comes late is that of a stream.
const stream = fs.createReadStream(file);
const source = options.uploadLengthDeferred ? stream.pipe(new PassThrough()) : stream;
const upload = new tus.Upload(source, {
  endpoint,
  metadata: { filename, filetype: "application/octet-stream" },
  retryDelays: new Array(100).fill(kRetryMs),
  ...options,
  onShouldRetry(error) {
    said.cuts += 1;
    const status = error.originalResponse?.getStatus() ?? 0;
    return status === 0 || status === 409 || status === 423 || status >= 500;
  },
  onAfterResponse(_request, response) {
    said.offset = response.getHeader("Upload-Offset");
    said.crc32 = response.getHeader("X-Checksum-CRC32");
    said.place = response.getHeader("Content-Location");
  },
  onError(error) {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess() {
    console.log(JSON.stringify({ ...said, url: upload.url }));
  },
});
upload.start();
