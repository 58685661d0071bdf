# SPDX-License-Identifier: MIT
"""tus-js-client, the protocol's own client, over a link that is cut again and again: under node, and in
Chromium on a page of another origin. What it says at the end is what was stored."""

import functools
import http.server
import json
import random
import subprocess
import threading

import pytest

from cutting_proxy import CuttingProxy
from test_tus import VERSION, head
from wherry_client import crc_text

MiB = 1 << 20
BOUND_S = 900  # of a board in an emulator on a machine that has more to do
CUTS = 20


@pytest.fixture
def sends(scripts, tmp_path):
    """sends(url, data, name, **options): what tus-js-client says when the data are there."""

    def run(url, data, name, **options):
        file = tmp_path / "file"
        file.write_bytes(data)
        done = subprocess.run(
            ["node", scripts / "tus_upload.mjs", url, file, name, json.dumps(options)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=BOUND_S,
            check=False,
        )
        assert done.returncode == 0, done
        return json.loads(done.stdout)

    return run


def assert_there(server, said, name, data):
    assert int(said["offset"]) == len(data)
    assert said["crc32"] == crc_text(data)
    assert said["place"] == f"/files/{name}"
    response = server.get(f"/files/{name}")
    assert response.body == data
    assert server.get(f"/download/file/{name}").body == data


@pytest.mark.needs_tus
def test_tus_js_client_goes_on_after_twenty_cuts(request, server, unique, sends):
    size = 2 * MiB if request.config.getoption("--base-url") else 20 * MiB
    data = random.randbytes(size)
    name = f"{unique}/tus-js.bin"
    # A little less than there is for each cut; the last connection brings what is left.
    with CuttingProxy(server.port, up_bytes=size // (CUTS + 2), max_cuts=CUTS) as proxy:
        said = sends(proxy.url("/tus/"), data, name)
        assert proxy.cuts == CUTS
    assert said["cuts"] >= CUTS  # and where a board had no connection free
    assert_there(server, said, name, data)


@pytest.mark.needs_tus
@pytest.mark.parametrize(
    "options",
    [
        {"chunkSize": 30_000},
        {"uploadDataDuringCreation": True},
        {"uploadDataDuringCreation": True, "chunkSize": 30_000},
        {"uploadLengthDeferred": True, "chunkSize": 30_000},
        {"overridePatchMethod": True},
        {"addRequestId": True},
    ],
    ids=lambda options: "+".join(options),
)
def test_tus_js_client_is_understood_however_it_sends(server, unique, sends, options):
    data = random.randbytes(100_001)
    name = f"{unique}.bin"
    said = sends(f"{server.url}/tus/", data, name, **options)
    assert said["cuts"] == 0
    assert_there(server, said, name, data)


@pytest.mark.needs_tus
def test_tus_js_client_sends_an_empty_file(server, unique, sends):
    name = f"{unique}.bin"
    said = sends(f"{server.url}/tus/", b"", name)
    assert server.get(f"/files/{name}").body == b""
    upload = said["url"].removeprefix(server.url)
    assert head(server, upload).get("Upload-Length") == "0"
    assert server.exchange("DELETE", upload, [VERSION]).status == 204


class Page(http.server.SimpleHTTPRequestHandler):
    """A page with tus-js-client's bundle, at an origin of its own."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path != "/":
            return super().do_GET()
        content = b"<!doctype html><script src=/tus.min.js></script>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return self.wfile.write(content)


@pytest.fixture
def page(scripts):
    """The address of the page."""
    bundle = scripts / "node_modules/tus-js-client/dist"
    handler = functools.partial(Page, directory=bundle)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_address[1]}"
        pages.shutdown()


def test_a_page_of_another_origin_sends_by_tus_and_goes_on(start_server, scripts, page, tmp_path):
    server = start_server("--cors", page)
    size = 3 * MiB
    data = bytes((i * 7) % 251 for i in range(size))
    with CuttingProxy(server.port, up_bytes=size // 4, max_cuts=3) as proxy:
        done = subprocess.run(
            ["node", scripts / "tus_page.mjs", page + "/", proxy.url("/tus/"), "page/tus.bin",
             str(size), tmp_path / "profile"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done
        assert proxy.cuts == 3
    said = json.loads(done.stdout)
    assert 1 <= said["cuts"] <= 3  # Chromium itself sends again what an idle connection has lost
    assert_there(server, said, "page/tus.bin", data)
