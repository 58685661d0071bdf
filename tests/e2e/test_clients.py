# SPDX-License-Identifier: MIT
"""Clients that others have written, over lines that break: each ends with the file that was stored.

None of them knows Wherry; what they make use of is RFC 9110: ranges, If-Range, entity tags.
"""

import os
import random
import re
import subprocess
import threading
from pathlib import Path

import pytest

from cutting_proxy import CuttingProxy

MiB = 1 << 20
BOUND_S = 120

# What goes through a board's 4 connections in a moment, and what takes Linux a few reads.
SIZES = [pytest.param(200_003, id="200kB"), pytest.param(24 * MiB + 7, marks=pytest.mark.needs_large)]


@pytest.fixture(params=SIZES)
def stored(request, server, unique):
    """(address of a file, its bytes)"""
    data = random.randbytes(request.param)
    assert server.put(f"/files/{unique}.bin", data).status == 201
    return f"/files/{unique}.bin", data


def cutting(server, down_bytes, max_cuts=1, **options):
    """A proxy that ends the first connections after so many bytes, as a server does that ends."""
    return CuttingProxy(
        server.port, down_bytes=down_bytes, max_cuts=max_cuts, in_order=True, **options
    )


def run(*command, folder, statuses=(0,)):
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=BOUND_S,
        check=False,
        env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode in statuses, done
    return done


def range_of(request):
    """Where the request asks to go on; None: it asks for all."""
    match = re.search(r"^Range: bytes=(\d+)-", request, re.M | re.I)
    return int(match[1]) if match else None


def test_curl_goes_on_where_it_was_cut(server, stored, tmp_path):
    target, data = stored
    with cutting(server, len(data) // 3) as proxy:
        line = ("curl", "-sS", "-C", "-", "-o", "file", proxy.url(target))
        run(*line, folder=tmp_path, statuses=(18,))  # 18: a part of the file came
        part = (tmp_path / "file").stat().st_size
        assert 0 < part < len(data)
        run(*line, folder=tmp_path)
        assert range_of(proxy.requests[1]) == part
    assert (tmp_path / "file").read_bytes() == data


def test_curl_of_a_file_that_is_whole_already_changes_nothing(server, stored, tmp_path):
    target, data = stored
    (tmp_path / "file").write_bytes(data)
    done = run("curl", "-sS", "-C", "-", "-o", "file", server.url + target, folder=tmp_path,
               statuses=(0, 22, 33))  # fmt: skip
    assert (tmp_path / "file").read_bytes() == data, done


def test_wget_goes_on_by_itself_after_each_cut(server, stored, tmp_path):
    target, data = stored
    with cutting(server, len(data) // 4, max_cuts=3) as proxy:
        run("wget", "-q", "--tries=5", "--waitretry=1", "-O", "file", proxy.url(target),
            folder=tmp_path)  # fmt: skip
        assert proxy.cuts == 3
        assert all(range_of(request) for request in proxy.requests[1:])
    assert (tmp_path / "file").read_bytes() == data


def test_wget_c_goes_on_where_another_run_ended(server, stored, tmp_path):
    target, data = stored
    name = target.rsplit("/", 1)[1]
    with cutting(server, len(data) // 2) as proxy:
        run("wget", "-q", "--tries=1", proxy.url(target), folder=tmp_path, statuses=(4,))
        part = (tmp_path / name).stat().st_size
        assert 0 < part < len(data)
        run("wget", "-q", "-c", "--tries=1", proxy.url(target), folder=tmp_path)
        assert range_of(proxy.requests[1]) == part
        # Once more: there is nothing left to fetch, and that is no failure.
        run("wget", "-q", "-c", "--tries=1", proxy.url(target), folder=tmp_path)
    assert (tmp_path / name).read_bytes() == data


def test_httpie_goes_on_where_it_was_cut(server, stored, tmp_path):
    target, data = stored
    with cutting(server, len(data) // 2) as proxy:
        line = ("http", "--ignore-stdin", "--download", "--continue", "--output", "file")
        run(*line, proxy.url(target), folder=tmp_path, statuses=(1,))
        part = (tmp_path / "file").stat().st_size
        assert 0 < part < len(data)
        run(*line, proxy.url(target), folder=tmp_path)
        assert range_of(proxy.requests[1]) == part
    assert (tmp_path / "file").read_bytes() == data


@pytest.mark.parametrize("cuts", [0, 3])
@pytest.mark.parametrize(
    ("size", "connections"),
    [
        pytest.param(4 * MiB + 7, 3, id="4MB-by-3"),  # a board has four
        pytest.param(24 * MiB + 7, 8, id="24MB-by-8", marks=pytest.mark.needs_large),
    ],
)
def test_aria2_fetches_by_several_connections(server, unique, tmp_path, size, connections, cuts):
    """Cut or not: each piece is fetched by a range of its own, and goes on where it was cut."""
    data = random.randbytes(size)
    assert server.put(f"/files/{unique}.bin", data).status == 201
    with cutting(server, 100_000, max_cuts=cuts) as proxy:
        run("aria2c", "-q", f"-x{connections}", f"-s{connections}", "-k1M", "--min-split-size=1M",
            "--max-tries=10", "--retry-wait=1", "--no-conf", "--file-allocation=none", "-o", "file",
            proxy.url(f"/files/{unique}.bin"), folder=tmp_path)  # fmt: skip
        assert proxy.cuts == cuts
        assert len({range_of(request) for request in proxy.requests}) >= connections
    assert (tmp_path / "file").read_bytes() == data
    assert server.exchange("DELETE", f"/files/{unique}.bin").status == 204  # room for other tests


def test_a_file_that_was_replaced_meanwhile_is_fetched_anew(server, unique, tmp_path):
    """By If-Range with the tag of what it has, a client gets the rest of that, or all of the new."""
    old, new = random.randbytes(100_000), random.randbytes(100_000)
    etag = server.put(f"/files/{unique}", old).get("ETag")
    server.put(f"/files/{unique}", new)
    (tmp_path / "file").write_bytes(old[:50_000])
    done = run("curl", "-sS", "-w", "%{http_code}", "-H", f"If-Range: {etag}", "-H",
               "Range: bytes=50000-", "-o", "file", f"{server.url}/files/{unique}",
               folder=tmp_path)  # fmt: skip
    assert done.stdout == b"200"
    assert (tmp_path / "file").read_bytes() == new


def test_curl_writes_only_over_what_it_has_seen(server, unique, tmp_path):
    """--etag-save and --etag-compare, as a script makes use of them."""
    server.put(f"/files/{unique}", b"1")
    address = f"{server.url}/files/{unique}"
    line = ("curl", "-sS", "-w", "%{http_code}", "-o", "file", "--etag-save", "tag")
    assert run(*line, address, folder=tmp_path).stdout == b"200"
    line += ("--etag-compare", "tag")
    assert run(*line, address, folder=tmp_path).stdout == b"304"
    tag = (tmp_path / "tag").read_text().strip()
    (tmp_path / "new").write_bytes(b"2")
    put = ("curl", "-sS", "-w", "%{http_code}", "-o", "reply", "-H", f"If-Match: {tag}", "-T", "new")
    assert run(*put, address, folder=tmp_path).stdout == b"200"
    assert run(*put, address, folder=tmp_path).stdout == b"412"
    assert server.get(f"/files/{unique}").body == b"2"


@pytest.fixture
def browser(scripts):
    """The script that drives Chromium."""
    return scripts / "download.mjs"


@pytest.mark.needs_process  # once is enough of so large a client
def test_a_browser_goes_on_after_a_pause_and_after_a_cut(server, unique, browser, tmp_path):
    size = 8 * MiB
    data = random.randbytes(size)
    assert server.put(f"/files/{unique}.bin", data).status == 201
    with cutting(server, size // 2, hold_bytes=size // 4) as proxy:
        with subprocess.Popen(
            ["node", str(browser), proxy.url(f"/files/{unique}.bin"), str(tmp_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as script:  # fmt: skip
            guard = threading.Timer(BOUND_S, script.kill)
            guard.start()
            try:
                said = []
                for _ in range(3):
                    said.append(script.stdout.readline().strip())
                    proxy.go_on()
                assert said[:2] == ["paused", "resumed"], said
                assert Path(said[2]).read_bytes() == data
            finally:
                script.stdin.close()
                script.wait(30)
                guard.cancel()
        assert script.returncode == 0
        assert proxy.cuts == 1
        again = next(request for request in proxy.requests if range_of(request))
        assert 0 < range_of(again) < size
        assert re.search(r"^If-Range: \"", again, re.M | re.I), again
