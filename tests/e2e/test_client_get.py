# SPDX-License-Identifier: MIT
"""`wherry get`: whole and verified, or not there; gone on with after each cut, also by another run."""

import contextlib
import http.server
import os
import random
import signal
import subprocess
import threading
import time

import pytest

from cutting_proxy import CuttingProxy
from wherry_client import crc_text
from wherry_command import (
    INTERRUPTED, LOCAL_FILE, MISMATCH, NETWORK, REFUSED, SERVER, USAGE, highest_rate,
)

MiB = 1 << 20


@pytest.fixture
def wherry(start_server):
    return start_server()


def names_in(folder):
    return {path.name for path in folder.iterdir()}


@contextlib.contextmanager
def serving(handle):
    """A small server of another make: `handle(handler)` answers each GET and HEAD."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            handle(self)

        do_HEAD = do_GET

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def answer(handler, status, body=b"", fields=()):
    handler.send_response(status)
    for name, value in fields:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


# ---------------------------------------------------------------- what arrives


def test_several_files_arrive_under_their_names_verified(client, wherry, tmp_path):
    contents = {f"{i} ä.bin": random.randbytes(i * 100_000) for i in range(6)}
    for name, data in contents.items():
        (wherry.folder / name).write_bytes(data)
        assert wherry.get("/files/").status == 200
    urls = [f"{wherry.url}/files/{i}%20%C3%A4.bin" for i in range(6)]
    done = client("get", *urls, "-P", "3")
    assert {one["file"] for one in done.objects()} == set(contents)
    for one in done.objects():
        data = contents[one["file"]]
        assert (tmp_path / one["file"]).read_bytes() == data
        assert one["size"] == one["received_bytes"] == len(data)
        assert one["crc32"] == crc_text(data)
    assert names_in(tmp_path) == set(contents)


def test_a_file_whose_checksum_the_server_knows_is_verified(client, wherry, tmp_path):
    data = random.randbytes(MiB)
    assert wherry.put("/files/a.bin", data).status == 201
    assert client("get", f"{wherry.url}/files/a.bin").object()["verified"]


def test_a_file_whose_checksum_the_server_does_not_know_is_verified_by_digest(client, wherry):
    (wherry.folder / "a.bin").write_bytes(random.randbytes(MiB))
    assert client("get", f"{wherry.url}/files/a.bin").object()["verified"]


def test_o_names_the_file_and_O_the_folder(client, wherry, tmp_path):
    (wherry.folder / "a").write_bytes(b"1")
    client("get", f"{wherry.url}/files/a", "-o", "b.txt")
    (tmp_path / "d").mkdir()
    client("get", f"{wherry.url}/files/a", "-O", "d")
    assert (tmp_path / "b.txt").read_bytes() == (tmp_path / "d" / "a").read_bytes() == b"1"
    client("get", f"{wherry.url}/files/a", f"{wherry.url}/files/a", "-o", "c", expected=USAGE)


def test_what_is_there_is_replaced_whole(client, wherry, tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    (wherry.folder / "a").write_bytes(b"new content")
    client("get", f"{wherry.url}/files/a")
    assert (tmp_path / "a").read_bytes() == b"new content"


# ---------------------------------------------------------------- cuts


def test_after_each_cut_it_goes_on_where_it_was(client, wherry, tmp_path):
    data = random.randbytes(5 * MiB)
    assert wherry.put("/files/a.bin", data).status == 201
    with CuttingProxy(wherry.port, down_bytes=700_000) as proxy:
        one = client("get", proxy.url("/files/a.bin")).object()
    assert (tmp_path / "a.bin").read_bytes() == data
    assert one["verified"]
    assert one["resumes"] >= 7
    assert one["received_bytes"] == len(data)  # no byte came twice
    assert names_in(tmp_path) == {"a.bin"}


def test_another_run_goes_on_where_one_was_killed(client, wherry, tmp_path):
    data = random.randbytes(8 * MiB)
    assert wherry.put("/files/a.bin", data).status == 201
    with CuttingProxy(wherry.port, delay_s=0.02) as proxy:
        url = proxy.url("/files/a.bin")
        running = subprocess.Popen(client.command("get", url, "-q"), cwd=tmp_path)
        part = tmp_path / "a.bin.part"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if part.exists() and part.stat().st_size > MiB:
                break
            time.sleep(0.01)
        running.kill()
        running.wait(10)
        had = part.stat().st_size
        assert MiB < had < len(data)
        assert not (tmp_path / "a.bin").exists()
        proxy.delay_s = 0
        one = client("get", url).object()
    assert (tmp_path / "a.bin").read_bytes() == data
    assert one["verified"] and one["resumes"] == 1
    assert one["received_bytes"] == len(data) - had
    assert names_in(tmp_path) == {"a.bin"}


def test_a_remote_file_that_was_replaced_is_fetched_anew(client, wherry, tmp_path):
    old, new = random.randbytes(2 * MiB), random.randbytes(2 * MiB)
    assert wherry.put("/files/a.bin", old).status == 201
    with CuttingProxy(wherry.port, down_bytes=MiB) as proxy:
        client("get", proxy.url("/files/a.bin"), "--retries", "0", expected=NETWORK)
        assert (tmp_path / "a.bin.part").stat().st_size > 0
        assert wherry.put("/files/a.bin", new).status == 200
        proxy.down_bytes = None
        one = client("get", proxy.url("/files/a.bin")).object()
    assert (tmp_path / "a.bin").read_bytes() == new
    assert one["verified"]


def test_a_part_that_was_damaged_is_found_and_fetched_again(client, wherry, tmp_path):
    data = random.randbytes(2 * MiB)
    assert wherry.put("/files/a.bin", data).status == 201
    with CuttingProxy(wherry.port, down_bytes=MiB) as proxy:
        client("get", proxy.url("/files/a.bin"), "--retries", "0", expected=NETWORK)
        part = tmp_path / "a.bin.part"
        part.write_bytes(b"\0" * part.stat().st_size)
        proxy.down_bytes = None
        one = client("get", proxy.url("/files/a.bin")).object()
    assert (tmp_path / "a.bin").read_bytes() == data
    assert one["verified"]


def test_a_server_that_stalls_is_left_after_the_idle_timeout(client, wherry, tmp_path):
    data = random.randbytes(MiB)
    assert wherry.put("/files/a.bin", data).status == 201
    with CuttingProxy(wherry.port, delay_s=30) as proxy:
        begun = time.monotonic()
        arguments = ["--idle-timeout", "1", "--retries", "0"]
        client("get", proxy.url("/files/a.bin"), *arguments, expected=NETWORK)
        assert time.monotonic() - begun < 20
    assert names_in(tmp_path) == set()


def test_the_timeout_bounds_all_attempts(client, tmp_path):
    begun = time.monotonic()
    arguments = ["--timeout", "2", "--retries", "1000"]
    client("get", "http://127.0.0.1:9/x", *arguments, expected=NETWORK)
    assert time.monotonic() - begun < 20


def test_an_interrupt_keeps_what_can_be_gone_on_with(client, wherry, tmp_path):
    data = random.randbytes(8 * MiB)
    assert wherry.put("/files/a.bin", data).status == 201
    with CuttingProxy(wherry.port, delay_s=0.05) as proxy:
        url = proxy.url("/files/a.bin")
        running = subprocess.Popen(client.command("get", url, "-q"), cwd=tmp_path)
        part = tmp_path / "a.bin.part"
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (part.exists() and part.stat().st_size > 0):
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == INTERRUPTED
    assert names_in(tmp_path) == {"a.bin.part", "a.bin.part.json"}


# ---------------------------------------------------------------- errors


def test_a_refusal_leaves_nothing(client, wherry, tmp_path):
    one = client("get", f"{wherry.url}/files/none", expected=REFUSED).object()
    assert one["status"] == 404 and "404" in one["error"]
    assert names_in(tmp_path) == set()


def test_an_old_file_stays_when_nothing_comes(client, wherry, tmp_path):
    (tmp_path / "none").write_bytes(b"old")
    client("get", f"{wherry.url}/files/none", expected=REFUSED)
    assert (tmp_path / "none").read_bytes() == b"old"


def test_no_server_is_an_error_of_the_network(client):
    client("get", "http://127.0.0.1:9/x", "--retries", "1", expected=NETWORK)


def test_a_folder_that_cannot_be_written_is_a_local_error(client, wherry, tmp_path):
    (wherry.folder / "a").write_bytes(b"1")
    (tmp_path / "d").write_bytes(b"a file")
    client("get", f"{wherry.url}/files/a", "-o", "d/a", expected=LOCAL_FILE)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://", "file:///etc/passwd"])
def test_what_is_no_url_of_http_is_a_usage_error(client, url):
    client("get", url, expected=USAGE)


def test_a_server_that_fails_is_tried_again_and_then_told_apart(client):
    asked = []

    def handle(handler):
        asked.append(handler.path)
        answer(handler, 503 if len(asked) < 3 else 200, b"content")

    with serving(handle) as url:
        assert client("get", f"{url}/a").object()["attempts"] == 3
    with serving(lambda handler: answer(handler, 500)) as url:
        one = client("get", f"{url}/b", "--retries", "1", expected=SERVER).object()
        assert one["status"] == 500 and one["attempts"] == 2


def test_a_wrong_checksum_is_an_error_of_its_own_and_leaves_nothing(client, tmp_path):
    def handle(handler):
        answer(handler, 200, b"content", [("X-Checksum-CRC32", "0x00000000")])

    with serving(handle) as url:
        client("get", f"{url}/a", expected=MISMATCH)
    assert names_in(tmp_path) == set()


@pytest.mark.parametrize(
    "digest",
    [
        "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
        "crc32c=:AAAAAA==:",
        "md5=:AAAA:, crc32c=:AAAAAA==:",
    ],
)
def test_a_wrong_digest_is_too(client, tmp_path, digest):
    with serving(lambda h: answer(h, 200, b"content", [("Repr-Digest", digest)])) as url:
        client("get", f"{url}/a", expected=MISMATCH)
    assert names_in(tmp_path) == set()


# ---------------------------------------------------------------- servers of other makes


def disposition(name):
    return lambda h: answer(h, 200, b"x", [("Content-Disposition", f"attachment; {name}")])


def test_a_server_may_name_the_file(client, tmp_path):
    with serving(disposition('filename="report.txt"')) as url:
        assert client("get", f"{url}/make?id=5").object()["file"] == "report.txt"
        client("get", f"{url}/", "-O", ".", expected=LOCAL_FILE)  # it is there: not replaced
    assert names_in(tmp_path) == {"report.txt"}


@pytest.mark.parametrize(
    "name", ['filename="../up.txt"', 'filename="/tmp/up.txt"', "filename*=UTF-8''..%2Fup.txt"]
)
def test_no_server_leads_out_of_the_folder(client, tmp_path, name):
    (tmp_path / "d").mkdir()
    with serving(disposition(name)) as url:
        client("get", f"{url}/a", "-O", "d")
    assert names_in(tmp_path) == {"d"} and names_in(tmp_path / "d") == {"up.txt"}


def test_no_server_replaces_a_file_of_a_name_that_it_chose(client, tmp_path):
    (tmp_path / "mine.txt").write_bytes(b"mine")
    with serving(disposition('filename="mine.txt"')) as url:
        client("get", f"{url}/a", expected=LOCAL_FILE)
    assert (tmp_path / "mine.txt").read_bytes() == b"mine"


def test_a_url_without_a_name_needs_one(client, tmp_path):
    with serving(lambda handler: answer(handler, 200, b"x")) as url:
        client("get", f"{url}/", expected=USAGE)
        client("get", f"{url}/", "-o", "index.html")
    assert names_in(tmp_path) == {"index.html"}


def test_a_server_without_validators_is_begun_with_anew(client, tmp_path):
    data = random.randbytes(300_000)
    lengths = []

    def handle(handler):
        assert handler.headers["Range"] is None
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        lengths.append(len(data) if len(lengths) == 2 else 100_000)
        handler.wfile.write(data[: lengths[-1]])
        handler.close_connection = True

    with serving(handle) as url:
        one = client("get", f"{url}/a").object()
    assert (tmp_path / "a").read_bytes() == data
    assert one["attempts"] == 3 and one["resumes"] == 0 and not one["verified"]


def test_a_part_of_another_version_is_never_mixed_in(client, tmp_path):
    """A server that ignores If-Range and sends a range of what it has now."""
    old, new = b"o" * 200_000, b"n" * 200_000
    asked = []

    def handle(handler):
        asked.append(handler.headers["Range"])
        if asked[-1]:
            first = int(asked[-1].split("=")[1].rstrip("-"))
            fields = [("ETag", '"new"'), ("Content-Range", f"bytes {first}-199999/200000")]
            return answer(handler, 206, new[first:], fields)
        is_first = len(asked) == 1
        handler.send_response(200)
        handler.send_header("ETag", '"old"' if is_first else '"new"')
        handler.send_header("Content-Length", "200000")
        handler.end_headers()
        handler.wfile.write(old[:100_000] if is_first else new)
        handler.close_connection = is_first
        return None

    with serving(handle) as url:
        client("get", f"{url}/a")
    assert (tmp_path / "a").read_bytes() == new
    assert asked[0] is None and asked[1] and asked[2] is None


def test_redirects_are_followed(client, wherry, tmp_path):
    (wherry.folder / "a").write_bytes(b"content")

    def handle(handler):
        answer(handler, 302, b"", [("Location", f"{wherry.url}/files/a")])

    with serving(handle) as url:
        client("get", f"{url}/b")
    assert (tmp_path / "b").read_bytes() == b"content"


def test_a_header_of_the_user_goes_to_the_named_server_alone(client, tmp_path):
    seen = {}

    def other(handler):
        seen["other"] = handler.headers["Authorization"]
        answer(handler, 200, b"x")

    with serving(other) as other_url:

        def first(handler):
            seen["first"] = handler.headers["Authorization"]
            # Another host, in the sense of an origin.
            answer(handler, 302, b"", [("Location", other_url.replace("127.0.0.1", "localhost"))])

        with serving(first) as url:
            client("get", f"{url}/a", "-H", "Authorization: secret")
    assert seen == {"first": "secret", "other": None}


def test_pythons_own_server_is_one_too(client, tmp_path):
    folder = tmp_path / "served"
    folder.mkdir()
    data = random.randbytes(3 * MiB)
    (folder / "a.bin").write_bytes(data)
    os.utime(folder / "a.bin", (1, 1))
    server = subprocess.Popen(
        ["/usr/bin/python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = int(server.stdout.readline().decode().split("port ")[1].split()[0])
        client("get", f"http://127.0.0.1:{port}/a.bin")
        with CuttingProxy(port, down_bytes=MiB, max_cuts=2) as proxy:
            client("get", proxy.url("/a.bin"), "-o", "b.bin")
    finally:
        server.kill()
        server.wait(10)
    assert (tmp_path / "a.bin").read_bytes() == (tmp_path / "b.bin").read_bytes() == data


# ---------------------------------------------------------------- what is shown


def test_without_a_terminal_there_is_no_bar_and_quiet_says_nothing(client, wherry, tmp_path):
    (wherry.folder / "a").write_bytes(b"content")
    run = lambda *more: subprocess.run(
        client.command("get", f"{wherry.url}/files/a", *more),
        cwd=tmp_path, capture_output=True, check=True, timeout=60,
    )
    done = run()
    assert done.stderr == b"" and b"CRC-32 0x" in done.stdout and b"verified" in done.stdout
    done = run("--quiet")
    assert done.stdout == done.stderr == b""


def test_on_a_terminal_a_bar_shows_rate_and_time_left(client, wherry, tmp_path):
    assert wherry.put("/files/a.bin", random.randbytes(6 * MiB)).status == 201
    with CuttingProxy(wherry.port, delay_s=0.02) as proxy:
        shown = client.on_terminal("get", proxy.url("/files/a.bin"))
    assert b"a.bin" in shown and b"/s" in shown and b" left" in shown and b"%" in shown
    assert shown.endswith(b"\r\x1b[K")  # and leaves nothing behind


def test_what_an_earlier_run_has_fetched_is_not_part_of_the_rate(client, wherry):
    assert wherry.put("/files/a.bin", random.randbytes(34 * MiB)).status == 201
    with CuttingProxy(wherry.port, down_bytes=32 * MiB) as proxy:
        client("get", proxy.url("/files/a.bin"), "--retries", "0", expected=NETWORK)
        proxy.delay_s = 0.02
        shown = client.on_terminal("get", proxy.url("/files/a.bin"))
    assert b" 9" in shown and highest_rate(shown) < 16 * MiB
