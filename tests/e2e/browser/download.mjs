// SPDX-License-Identifier: MIT
// node download.mjs URL FOLDER: downloads URL with Chromium as a person does who watches the list
// of downloads: clicks on Pause there, then on Resume, and waits until the file is there. Says on
// its output, a line each: "paused", "resumed", then the path of the file.
import { chromium } from "playwright-core";

const [url, folder] = process.argv.slice(2);
const kBoundMs = 30_000;

async function choose(list, action) {
  await list.getByRole("button", { name: "More actions" }).click();
  await list.getByRole("menuitem", { name: action }).click();
}

const context = await chromium.launchPersistentContext(`${folder}/profile`, {
  executablePath: "/usr/bin/chromium",
  headless: true,
  acceptDownloads: true,
  downloadsPath: folder,
  // It is to speak with the server under test alone.
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
context.setDefaultTimeout(kBoundMs);
try {
  const list = await context.newPage();
  await list.goto("chrome://downloads");
  const page = await context.newPage();
  const started = page.waitForEvent("download");
  await page.goto(url).catch(() => {});  // "net::ERR_ABORTED": what comes is no page
  const download = await started;

  await list.bringToFront();
  await choose(list, "Pause");
  console.log("paused");
  await choose(list, "Resume");
  console.log("resumed");

  const failure = await download.failure();
  if (failure) throw new Error(`Chromium says of the download: ${failure}`);
  console.log(await download.path());
  // The file goes with the browser: whoever wants to see it closes our input afterwards.
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once("end", resolve));
} finally {
  await context.close();
}
