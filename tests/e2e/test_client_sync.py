# SPDX-License-Identifier: MIT
"""`wherry sync` and `wherry doctor`, with the server they are made for, and with nginx."""

import contextlib
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import time
import zlib

import pytest

from cutting_proxy import CuttingProxy
from resumable_server import Ietf
from wherry_command import INTERRUPTED, LOCAL_FILE, NETWORK, REFUSED, USAGE
from wherry_server import wait_until

MiB = 1 << 20


@pytest.fixture
def wherry(start_server):
    return start_server()


def fill(folder, tree):
    for name, data in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def tree_of(folder):
    """The files below a folder, and the folders with a slash; not Wherry's own."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if not name.startswith(".wherry"):
            found[name + ("/" if path.is_dir() else "")] = (
                None if path.is_dir() else path.read_bytes()
            )
    return found


def actions(done):
    return {one["file"]: one["action"] for one in done.objects()}


TREE = {
    "a.txt": b"a",
    "empty": b"",
    "d/b ä#?%.bin": bytes(range(256)) * 100,
    "d/e/f/c": b"c" * 70_000,
}


# ---------------------------------------------------------------- sync


def test_only_what_differs_by_size_or_checksum_is_sent(client, wherry, tmp_path):
    here = tmp_path / "here"
    fill(here, TREE)
    url = f"{wherry.url}/files/site/"
    assert actions(client("sync", here, url)) == dict.fromkeys(TREE, "put")
    there = {name: data for name, data in tree_of(wherry.folder / "site").items() if data is not None}
    assert there == TREE

    assert actions(client("sync", here, url)) == dict.fromkeys(TREE, "same")
    (here / "a.txt").write_bytes(b"b")  # of the same size
    (here / "d/e/f/c").write_bytes(b"longer" * 20_000)
    expected = {"a.txt": "put", "d/e/f/c": "put", "empty": "same", "d/b ä#?%.bin": "same"}
    assert actions(client("sync", here, url)) == expected
    assert (wherry.folder / "site/a.txt").read_bytes() == b"b"


def test_where_the_list_knows_no_checksum_the_digest_is_asked_for(client, wherry, tmp_path):
    here = tmp_path / "here"
    fill(here, TREE)
    fill(wherry.folder / "site", {**TREE, "a.txt": b"x"})  # past the server: it knows no CRC-32
    done = actions(client("sync", here, f"{wherry.url}/files/site/"))
    assert done == {**dict.fromkeys(TREE, "same"), "a.txt": "put"}


def test_without_delete_what_is_there_stays(client, wherry, tmp_path):
    here = tmp_path / "here"
    fill(here, {"a": b"a"})
    fill(wherry.folder, {"other": b"o"})
    client("sync", here, f"{wherry.url}/files/")
    assert tree_of(wherry.folder) == {"a": b"a", "other": b"o"}


def test_delete_removes_files_and_the_folders_that_are_empty_then(client, wherry, tmp_path):
    here = tmp_path / "here"
    fill(here, {"a": b"a", "d/keep": b"k"})
    fill(wherry.folder, {"a": b"a", "d/gone": b"g", "e/f/gone": b"g", "e/gone": b"g"})
    dry = client("sync", here, f"{wherry.url}/files/", "--delete", "--dry-run")
    assert set(tree_of(wherry.folder)) == {"a", "d/", "d/gone", "e/", "e/f/", "e/f/gone", "e/gone"}
    done = client("sync", here, f"{wherry.url}/files/", "--delete")
    assert actions(done) == actions(dry)
    assert tree_of(wherry.folder) == {"a": b"a", "d/": None, "d/keep": b"k"}


def test_delete_makes_room_where_a_folder_was_a_file_and_the_other_way_round(
    client, wherry, tmp_path
):
    here = tmp_path / "here"
    fill(here, {"x": b"file here", "y/z": b"folder here"})
    fill(wherry.folder, {"x/deep/one": b"1", "y": b"file there"})
    client("sync", here, f"{wherry.url}/files/", expected=REFUSED)
    client("sync", here, f"{wherry.url}/files/", "--delete")
    assert tree_of(wherry.folder) == {"x": b"file here", "y/": None, "y/z": b"folder here"}


def test_many_files_come_in_pages(client, wherry, tmp_path):
    here = tmp_path / "here"
    tree = {f"{i:04}": b"%d" % i for i in range(1203)}
    fill(here, tree)
    fill(wherry.folder / "d", {**tree, "0007": b"x", "zz": b"gone"})
    done = actions(client("sync", here, f"{wherry.url}/files/d/", "--delete", "-q"))
    changed = {name: action for name, action in done.items() if action != "same"}
    assert changed == {"0007": "put", "zz": "delete"} and len(done) == 1204


def test_links_are_left_out_and_never_followed(client, wherry, tmp_path):
    here = tmp_path / "here"
    fill(here, {"a": b"a"})
    (here / "link").symlink_to("/etc/passwd")
    (here / "loop").symlink_to(here)
    assert actions(client("sync", here, f"{wherry.url}/files/")) == {"a": "put"}


def test_a_folder_that_cannot_be_listed_ends_it_before_anything_is_removed(
    client, wherry, tmp_path
):
    here = tmp_path / "here"
    fill(here, {"a": b"a"})
    client("sync", tmp_path / "none", wherry.url, "--delete", expected=USAGE)
    client("sync", here, "http://127.0.0.1:9/", "--delete", "--retries", "1", expected=NETWORK)
    fill(wherry.folder, {"keep": b"k"})
    with CuttingProxy(wherry.port, down_bytes=10) as proxy:
        arguments = ["--delete", "--retries", "1"]
        client("sync", here, proxy.url("/files/"), *arguments, expected=NETWORK)
    assert tree_of(wherry.folder) == {"keep": b"k"}


def test_a_server_that_lists_nothing_as_json_is_told_so(client, tmp_path):
    here = tmp_path / "here"
    fill(here, {"a": b"a"})
    with python_server(tmp_path) as url:
        done = client("sync", here, url + "/here/", expected=NETWORK)
    assert "not listed as JSON" in done.stderr


def test_a_file_that_cannot_be_read_does_not_stop_the_others(client, wherry, tmp_path):
    if os.geteuid() == 0:
        return  # root reads everything: test_client_put.py has files that are not there
    here = tmp_path / "here"
    fill(here, {"a": b"a", "b": b"b"})
    (here / "a").chmod(0)
    client("sync", here, f"{wherry.url}/files/", expected=LOCAL_FILE)
    assert tree_of(wherry.folder) == {"b": b"b"}


def test_it_survives_cuts(client, wherry, tmp_path):
    here = tmp_path / "here"
    tree = {f"{i}": random.randbytes(400_000) for i in range(6)}
    fill(here, tree)
    with CuttingProxy(wherry.port, up_bytes=300_000, max_cuts=5) as proxy:
        client("sync", here, proxy.url("/files/"))
    assert tree_of(wherry.folder) == tree


def test_sync_shows_on_a_terminal_how_many_files_are_done(client, wherry, tmp_path):
    fill(tmp_path / "d", {"a": bytes(9 * MiB), "b": random.randbytes(4 * MiB), "c": b"c"})
    client("put", "d/a", f"{wherry.url}/files/s/a")
    with CuttingProxy(wherry.port, delay_s=0.02) as proxy:
        shown = client.on_terminal("sync", "d", proxy.url("/files/s/"), "-P", "1")
    assert b"1/3" in shown and b" left" in shown
    # "a" is there, and no part of what is to be sent.
    assert max(int(part) for part in re.findall(rb"(\d+)%", shown)) > 50


# ---------------------------------------------------------------- doctor


def test_the_doctor_measures_a_wherry_and_leaves_nothing_behind(client, wherry):
    one = client("doctor", wherry.url, "--size", "1M").object()
    for key in (
        "connect_ms", "first_byte_ms", "round_trip_min_ms", "round_trip_median_ms",
        "up_discarded_bytes_per_s", "up_stored_bytes_per_s", "down_generated_bytes_per_s",
        "down_stored_bytes_per_s", "free_bytes", "total_bytes", "max_connections",
    ):
        assert one[key] > 0, key
    assert one["round_trip_min_ms"] <= one["round_trip_median_ms"]
    assert one["wherry"] and one["retransmits"] is not None
    assert any(sentence.startswith("Up") for sentence in one["conclusions"])
    assert any(sentence.startswith("Down") for sentence in one["conclusions"])
    assert tree_of(wherry.folder) == {}


def test_the_doctor_tells_the_limits(client, start_server):
    flags = ["--max-content-length", "64M", "--upload-max-age", "7200"]
    wherry = start_server(*flags)
    one = client("doctor", wherry.url, "--size", "64K").object()
    assert one["uploads_resume"] is True and one["max_size_bytes"] == 64 * MiB
    assert one["max_age_s"] == 7200 and one["max_append_bytes"] is None
    with Ietf(max_append=1000) as server:
        one = client("doctor", f"{server.url}/upload/a").object()
    assert one["wherry"] is None and one["uploads_resume"] is True
    assert one["max_append_bytes"] == 1000


def test_the_doctor_finds_a_slow_link(client, wherry):
    with CuttingProxy(wherry.port, delay_s=0.06) as proxy:
        one = client("doctor", proxy.url("/"), "--size", "1M").object()
    # Each way costs 60 ms, and 64 KiB at most go at once.
    assert one["round_trip_min_ms"] >= 120
    assert one["up_discarded_bytes_per_s"] < 2 * MiB
    assert one["down_generated_bytes_per_s"] < 2 * MiB


def test_the_doctor_speaks_to_people_too(client, wherry):
    done = subprocess.run(
        client.command("doctor", wherry.url, "--size", "256K"),
        capture_output=True, check=True, timeout=60, text=True,
    )
    assert "uploads resume   yes, within 24 h\n" in done.stdout
    assert "small request" in done.stdout and " is the limit: " in done.stdout


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_doctor_that_is_interrupted_leaves_nothing_behind(client, wherry, end):
    with CuttingProxy(wherry.port, delay_s=0.05) as proxy:
        running = subprocess.Popen(
            client.command("doctor", proxy.url("/"), "--json"),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        stored = lambda: list(wherry.folder.glob(".wherry-doctor-*"))
        assert wait_until(stored, 60)
        running.send_signal(end)
        out, err = running.communicate(timeout=30)
        assert running.returncode == INTERRUPTED
        assert not stored()
    assert out == "" and err == "wherry: interrupted\n"


def test_the_doctor_that_is_interrupted_early_says_so(client, wherry):
    with CuttingProxy(wherry.port, delay_s=2) as proxy:
        running = subprocess.Popen(client.command("doctor", proxy.url("/")), stderr=subprocess.PIPE)
        assert wait_until(lambda: proxy.connections, 30)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert running.returncode == INTERRUPTED and err == b"wherry: interrupted\n"


def test_the_doctor_of_no_server_is_an_error(client):
    client("doctor", "http://127.0.0.1:9/", expected=NETWORK)
    client("doctor", "ftp://127.0.0.1/", expected=USAGE)


def test_the_doctor_measures_less_of_any_other_server(client, tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(2 * MiB))
    with python_server(tmp_path) as url:
        one = client("doctor", url + "/a.bin").object()
    assert one["wherry"] is None and one["connect_ms"] > 0 and one["down_stored_bytes_per_s"] > 0
    assert one["up_discarded_bytes_per_s"] is None
    assert any("no Wherry" in sentence for sentence in one["conclusions"])


# ---------------------------------------------------------------- servers of other makes


class Process:
    """A server as a child, ended by its own process id."""

    def __init__(self, command, url, **options):
        self.url = url
        self.process = subprocess.Popen(command, **options)

    def __enter__(self):
        return self.url

    def __exit__(self, *exception):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"nothing listens at {port}")


def python_server(folder):
    port = free_port()
    command = ["/usr/bin/python3", "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = Process(command, f"http://127.0.0.1:{port}", cwd=folder, stderr=subprocess.DEVNULL,
                     stdout=subprocess.DEVNULL)
    wait_for(port)
    return server


NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 32m;
    root {folder}/root;
    dav_methods PUT DELETE;
    create_full_put_path on;
  }}
  server {{
    listen 127.0.0.1:{proxy_port};
    client_max_body_size {max_body};
    location / {{ proxy_pass http://127.0.0.1:{wherry_port}; }}
  }}
}}
"""


def run_nginx(tmp_path, **more):
    """Installing it starts a service, which script/test does to nobody."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path / "nginx"
    (folder / "root").mkdir(parents=True)
    folder.chmod(0o755)
    values = {"proxy_port": free_port(), "wherry_port": 9, "max_body": "32m", **more}
    port = free_port()
    user = f"user {os.environ.get('USER', 'root')};\n" if os.geteuid() == 0 else ""
    text = NGINX.format(folder=folder, port=port, **values)
    (folder / "nginx.conf").write_text(user + text)
    command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    process = Process(command, f"http://127.0.0.1:{port}", stderr=subprocess.DEVNULL)
    wait_for(port)
    return process, folder / "root", port, values["proxy_port"]


@pytest.fixture
def nginx(tmp_path):
    """nginx with PUT."""
    process, root, port, _ = run_nginx(tmp_path)
    with process as url:
        yield url, root, port


@pytest.fixture
def nginx_before(wherry, tmp_path):
    """The port of an nginx that passes requests on to Wherry as it does by default: by HTTP/1.0,
    and each when it has come whole."""

    @contextlib.contextmanager
    def run(max_body):
        more = {"wherry_port": wherry.port, "max_body": max_body}
        process, _, _, port = run_nginx(tmp_path, **more)
        with process:
            yield port

    return run


def test_nginx_takes_and_gives_files(client, nginx, tmp_path):
    url, root, port = nginx
    data = random.randbytes(3 * MiB)
    (tmp_path / "a.bin").write_bytes(data)
    one = client("put", "a.bin", f"{url}/d/").object()
    assert (root / "d/a.bin").read_bytes() == data
    assert one["status"] == 201 and not one["verified"]
    with CuttingProxy(port, down_bytes=MiB) as proxy:
        one = client("get", proxy.url("/d/a.bin"), "-o", "b.bin").object()
    assert (tmp_path / "b.bin").read_bytes() == data
    assert one["resumes"] >= 2 and one["received_bytes"] == len(data)
    assert one["crc32"] == f"0x{zlib.crc32(data):08x}"


def test_nginx_is_sent_to_again_after_a_cut(client, nginx, tmp_path):
    _, root, port = nginx
    data = random.randbytes(3 * MiB)
    (tmp_path / "a.bin").write_bytes(data)
    with CuttingProxy(port, up_bytes=MiB, max_cuts=2) as proxy:
        one = client("put", "a.bin", proxy.url("/a.bin")).object()
    assert (root / "a.bin").read_bytes() == data and one["attempts"] == 3


def test_nginx_refuses_what_is_too_large(client, nginx, tmp_path):
    url, _, _ = nginx
    (tmp_path / "a.bin").write_bytes(bytes(33 * MiB))
    one = client("put", "a.bin", f"{url}/a.bin", expected=REFUSED).object()
    assert one["status"] == 413


def test_through_nginx_an_upload_that_is_cut_goes_on_in_pieces(
    client, wherry, nginx_before, tmp_path
):
    data = random.randbytes(12 * MiB)
    (tmp_path / "a.bin").write_bytes(data)
    with nginx_before("32m") as port, CuttingProxy(port, up_bytes=4 * MiB) as proxy:
        one = client("put", "a.bin", proxy.url("/files/a.bin")).object()
    assert (wherry.folder / "a.bin").read_bytes() == data and one["verified"]
    # What is under way is lost at each cut: of all at first, then of a piece.
    assert one["protocol"] == "ietf" and one["again_bytes"] <= 2 * len(data)


def test_through_nginx_a_file_above_its_limit_goes_in_pieces(
    client, wherry, nginx_before, tmp_path
):
    data = random.randbytes(5 * MiB)
    (tmp_path / "a.bin").write_bytes(data)
    with nginx_before("1m") as port:
        one = client("put", "a.bin", f"http://127.0.0.1:{port}/files/a.bin").object()
    assert (wherry.folder / "a.bin").read_bytes() == data
    assert one["verified"] and one["again_bytes"] == 0 and one["attempts"] == 1
