// SPDX-License-Identifier: MIT
// node tus_page.mjs PAGE ENDPOINT NAME SIZE PROFILE: opens PAGE, which has tus-js-client's bundle, in
// Chromium, and has it send SIZE bytes (i * 7 modulo 251) to ENDPOINT as NAME. Says on its output, as
// JSON, what the page could read of the last reply.
import { chromium } from "playwright-core";

const [address, endpoint, filename, size, profile] = process.argv.slice(2);

function send([endpoint, filename, size]) {
  const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) % 251);
  const said = { cuts: 0 };
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(new Blob([bytes]), {
      endpoint,
      metadata: { filename },
      retryDelays: new Array(50).fill(100),
      onShouldRetry: () => Boolean((said.cuts += 1)),
      onAfterResponse(_request, response) {
        said.crc32 = response.getHeader("X-Checksum-CRC32");
        said.place = response.getHeader("Content-Location");
      },
      onError: reject,
      onSuccess: () => resolve({ ...said, offset: upload._offset }),
    });
    upload.start();
  });
}

const context = await chromium.launchPersistentContext(profile, {
  executablePath: "/usr/bin/chromium",
  headless: true,
  // It is to speak with the server under test alone.
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await context.newPage();
  await page.goto(address);
  console.log(JSON.stringify(await page.evaluate(send, [endpoint, filename, Number(size)])));
} finally {
  await context.close();
}
