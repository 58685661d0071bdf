# SPDX-License-Identifier: MIT
"""What arrives is what was sent, or nothing: dying clients, stalled clients, kills, full disks.

And whoever comes next is served at once, by a server that uses no more memory than before.
"""

import contextlib
import http.client
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time
import zlib

import pytest

from wherry_client import (
    Client,
    Connection,
    Ended,
    TimeBound,
    chunked,
    crc_text,
    form,
    form_type,
    part,
)
from wherry_server import OwnServer, files_below, staged_files, wait_until

MiB = 1 << 20
GiB = 1 << 30


def visible_files(folder):
    return {name for name in files_below(folder) if not name.startswith(".wherry/")}


def begin_put(server, name, size, sent, **options):
    """A connection in the middle of an upload of `size` bytes, of which `sent` went out."""
    connection = server.connect(**options)
    connection.send(server.request("PUT", f"/upload/{name}", [("Content-Length", str(size))]))
    connection.send_zeros(sent)
    return connection


# ---------------------------------------------------------------- slow clients


def test_an_upload_of_4_kb_a_second_survives(server, unique):
    """There is no minimum speed: a link that brings 1 KiB each quarter of a second brings the file."""
    data = random.randbytes(52 * 1024)
    with server.connect() as connection:
        fields = [("Content-Length", str(len(data)))]
        connection.send(server.request("PUT", f"/upload/{unique}", fields))
        for start in range(0, len(data), 1024):
            connection.send(data[start : start + 1024])
            time.sleep(0.25)
        response = connection.read_response()
    assert response.status == 201, response
    assert response.json()["crc32"] == crc_text(data)
    assert server.get(f"/download/file/{unique}").body == data


# ---------------------------------------------------------------- clients that die

DEATHS = {
    "reset": Connection.abort,
    "close": Connection.close,
    "end of sending": Connection.finish_sending,
}
UPLOADS = {
    "length": lambda server, name: server.request(
        "PUT", f"/upload/{name}", [("Content-Length", str(MiB))]
    ),
    "chunked": lambda server, name: server.request(
        "PUT", f"/upload/{name}", [("Transfer-Encoding", "chunked")], b"100000\r\n"
    ),
    "form": lambda server, name: server.request(
        "POST",
        "/upload",
        [form_type(), ("Content-Length", str(MiB))],
        b"--boundary\r\n" + part(f'name="file"; filename="{name}"', b""),
    ),
}


def assert_nothing_is_left_of(server, path, free_bytes):
    """What a server whose folder cannot be seen tells of an upload that has died: nothing."""

    def is_gone():
        told = server.status()
        runs = [one["path"] for one in told["running"] if one["path"] in (path, "/upload")]
        storage = told["storage"]
        return not runs and storage["slots"]["used"] == 0 and storage["free_bytes"] == free_bytes

    assert wait_until(is_gone, bound_s=10.0, step_s=0.1), (server.status(), free_bytes)


@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS.keys())
@pytest.mark.parametrize("upload", UPLOADS.values(), ids=UPLOADS.keys())
def test_a_client_that_dies_in_an_upload_leaves_the_old_file_and_no_debris(
    server, unique, upload, death
):
    server.put(f"/upload/{unique}", b"the old file")
    for sent in (0, 1, 300_000):
        before = server.files()
        free_bytes = server.status()["storage"]["free_bytes"]
        connection = server.connect()
        connection.send(upload(server, unique) + bytes(sent))
        time.sleep(0.02)
        death(connection)
        assert server.is_answering(within_s=1.0)
        assert wait_until(lambda: not server.staged_files())
        assert server.files() == before
        if not server.folder:
            assert_nothing_is_left_of(server, f"/upload/{unique}", free_bytes)
        assert server.get(f"/download/file/{unique}").body == b"the old file"
        connection.close()


def test_dead_clients_leave_no_open_files_and_no_spinning_processor(start_server):
    server = start_server()
    server.put("/upload/old", b"the old file")
    server.put("/upload/large", bytes(4 * MiB))
    for _ in range(5):
        assert server.is_answering()
    before = server.open_descriptors()
    for index in range(20):
        begin_put(server, "old", MiB, 100_000).abort()
        begin_put(server, f"deep/er/{index}", MiB, 10).close()
        reader = server.connect(receive_buffer=4096)
        reader.send(server.request("GET", "/download/file/large"))
        reader.abort()
        reader = server.connect(receive_buffer=4096)
        reader.send(server.request("GET", f"/download/generate/{GiB}"))
        reader.read_some(100)
        reader.abort()
    assert server.is_answering(within_s=1.0)
    assert wait_until(lambda: server.open_descriptors() <= before)
    assert visible_files(server.folder) == {"old", "large"}
    used = server.cpu_seconds()
    time.sleep(1.0)
    assert server.cpu_seconds() - used <= 0.1, "the processor spins"


def test_a_client_that_dies_while_it_waits_in_line_harms_nobody(server):
    """Pipelined requests whose client is gone before the first answer."""
    for _ in range(20):
        with server.connect() as connection:
            connection.send(server.request("GET", f"/download/generate/{MiB}") * 50)
            connection.abort()
        assert server.is_answering(within_s=1.0)


# ---------------------------------------------------------------- clients that stall


def test_a_stalled_upload_is_cut_and_its_slot_is_free_again(start_server):
    server = start_server("--body-idle-timeout", 0.5, "--max-connections", 1, "--threads", 1)
    stalled = begin_put(server, "a", 1000, 10)
    time.sleep(0.1)
    assert server.exchange_bytes(server.request("GET", "/")).status == 503
    assert stalled.read_response().status == 408
    stalled.close()
    assert wait_until(
        lambda: server.exchange_bytes(server.request("GET", "/", [("Connection", "close")])).status
        == 200
    )
    assert wait_until(lambda: not staged_files(server.folder))
    assert visible_files(server.folder) == set()


def test_a_client_that_answers_no_408_is_cut_all_the_same(start_server):
    """It neither sends, nor reads, nor closes: the slot is for others all the same."""
    server = start_server("--body-idle-timeout", 0.3, "--max-connections", 2, "--threads", 1)
    held = [begin_put(server, f"a{index}", 1000, 10) for index in range(2)]
    closing = [("Connection", "close")]
    assert wait_until(
        lambda: server.exchange_bytes(server.request("GET", "/", closing)).status == 200, 5, 0.1
    )
    assert visible_files(server.folder) == set()
    for connection in held:
        connection.close()


@pytest.mark.parametrize("target", [f"/download/generate/{GiB}", "/download/file/large"])
def test_a_reader_that_stalls_is_cut_and_its_slot_is_free_again(start_server, target):
    server = start_server("--write-idle-timeout", 0.5, "--max-connections", 1, "--threads", 1)
    with open(server.folder / "large", "wb") as file:
        file.truncate(GiB)
    stalled = server.connect(receive_buffer=4096)
    stalled.send(server.request("GET", target))
    response = stalled.read_head()
    time.sleep(0.1)
    assert server.exchange_bytes(server.request("GET", "/")).status == 503
    assert wait_until(
        lambda: server.exchange_bytes(server.request("GET", "/", [("Connection", "close")])).status
        == 200,
        5,
        0.1,
    )
    with pytest.raises(Ended):
        stalled.read_body(response)
    entry = server.wait_for_log(target)
    assert entry["outcome"] != "ok"
    assert entry["bytes"] < GiB


def test_a_slow_reader_is_no_stalled_reader(start_server):
    server = start_server("--write-idle-timeout", 1)
    size = 600_000
    with server.connect(receive_buffer=4096) as connection:
        connection.send(server.request("GET", f"/download/generate/{size}"))
        response = connection.read_head()
        got = 0
        start = time.monotonic()
        while got < size:
            if time.monotonic() - start < 3:
                time.sleep(0.2)
            got += len(connection.read_some(4096))
        assert got == response.content_length


# ---------------------------------------------------------------- many at once


def drip(server, name, ended, result):
    """A client that sends a byte each second until it is told to end its upload of 100 bytes."""
    with server.connect() as connection:
        connection.send(server.request("PUT", f"/upload/{name}", [("Content-Length", "100")]))
        sent = 0
        while not ended.wait(1.0) and sent < 99:
            connection.send(b"x")
            sent += 1
        connection.send(b"x" * (100 - sent))
        result.append(connection.read_response().status)


def test_16_uploads_and_16_downloads_at_once_are_right_beside_a_slow_client(start_server):
    server = start_server()
    files = [random.randbytes(MiB + index) * 4 for index in range(16)]
    for index, data in enumerate(files):
        assert server.put(f"/upload/down-{index}", data).status == 201
    failures = []
    slow_ended, slow_result = threading.Event(), []
    slow = threading.Thread(target=drip, args=(server, "slow", slow_ended, slow_result))
    slow.start()

    def upload(index):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("PUT", f"/upload/up-{index}", body=files[index])
            reply = connection.getresponse().read()
            if crc_text(files[index]).encode() not in reply:
                failures.append(("upload", index, reply))

    def download(index):
        response = server.get(f"/download/file/down-{index}")
        if (response.status, response.crc32) != (200, zlib.crc32(files[index])):
            failures.append(("download", index, response.status))

    def guarded(work, index):
        try:
            work(index)
        except Exception as error:  # noqa: BLE001 - a thread's failure is shown by the test
            failures.append((work.__name__, index, error))

    threads = [
        threading.Thread(target=guarded, args=(work, index))
        for index in range(16)
        for work in (upload, download)
    ]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed_s = time.monotonic() - start
    slow_ended.set()
    slow.join()
    assert failures == []
    assert slow_result == [201]
    assert elapsed_s < 30, "128 MiB on this machine"
    for index, data in enumerate(files):
        assert server.get(f"/download/file/up-{index}").crc32 == zlib.crc32(data)
    assert not staged_files(server.folder)


def test_slow_clients_on_every_thread_do_not_delay_the_next(start_server):
    server = start_server("--threads", 2)
    held = [begin_put(server, f"slow-{index}", 1000, 1) for index in range(30)]
    for _ in range(20):
        assert server.is_answering(within_s=0.5)
    for connection in held:
        connection.send_zeros(999)
        assert connection.read_response().status == 201
        connection.close()


def test_uploads_of_one_name_at_once_leave_one_of_them_whole(server, unique):
    files = [bytes([index]) * (MiB + index) for index in range(8 if server.process else 3)]
    statuses = []

    def put(data):
        statuses.append(server.put(f"/upload/{unique}", data).status)

    threads = [threading.Thread(target=put, args=(data,)) for data in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * (len(files) - 1) + [201]
    assert server.get(f"/download/file/{unique}").body in files
    assert not server.staged_files()


@pytest.mark.needs_versions
def test_a_reader_that_started_before_a_replace_reads_the_old_file_to_its_end(server, unique):
    old, new = random.randbytes(16 * MiB), random.randbytes(15 * MiB)
    server.put(f"/upload/{unique}", old)
    with server.connect(receive_buffer=16384) as connection:
        connection.send(server.request("GET", f"/download/file/{unique}"))
        response = connection.read_head()
        assert response.content_length == len(old)
        assert server.put(f"/upload/{unique}", new).status == 200
        assert server.get(f"/download/file/{unique}").crc32 == zlib.crc32(new)
        connection.read_body(response)
        assert response.crc32 == zlib.crc32(old)


def test_an_upload_is_invisible_until_it_is_whole(server, unique):
    with begin_put(server, unique, 1000, 999) as connection:
        assert server.get(f"/download/file/{unique}").status == 404
        connection.send(b"x")
        assert connection.read_response().status == 201
    assert server.get(f"/download/file/{unique}").body_size == 1000


def test_a_file_that_gets_shorter_while_it_is_sent_ends_the_connection(start_server):
    """A length was promised: what is missing must not look like the next response."""
    server = start_server()
    path = server.folder / "shrinks"
    path.write_bytes(bytes(32 * MiB))
    with server.connect(receive_buffer=4096) as connection:
        connection.send(server.request("GET", "/download/file/shrinks"))
        response = connection.read_head()
        os.truncate(path, 1000)
        with pytest.raises(Ended):
            connection.read_body(response)
    assert server.wait_for_log("/download/file/shrinks")["outcome"] != "ok"
    assert server.is_answering()


# ---------------------------------------------------------------- kill -9


def test_a_kill_during_an_upload_leaves_the_old_file_or_the_new_one(program, tmp_path, repetitions):
    versions = [random.randbytes(2 * MiB + index) for index in range(repetitions + 1)]
    server = OwnServer(program, tmp_path, durability="full")
    start = time.monotonic()
    server.put("/upload/file", versions[0])
    upload_s = time.monotonic() - start
    server.stop()
    current = 0
    seen = []
    for index in range(1, repetitions + 1):
        server = OwnServer(program, tmp_path, durability="full")
        try:
            assert staged_files(tmp_path) == set(), "debris after a restart"
            threading.Timer(random.uniform(0.0, 1.5 * upload_s), server.process.kill).start()
            with contextlib.suppress(Ended, OSError, TimeBound):
                response = server.put("/upload/file", versions[index])
                # Told to be there, it must be there.
                current = index if response.status == 200 else current
            server.process.wait(10)
        finally:
            server.kill()
        found = (tmp_path / "file").read_bytes()
        assert found in (versions[current], versions[index]), "neither old nor new"
        current = index if found == versions[index] else current
        seen.append("new" if current == index else "old")
        assert visible_files(tmp_path) == {"file"}
    server = OwnServer(program, tmp_path)
    try:
        assert server.get("/download/file/file").body == versions[current]
        assert staged_files(tmp_path) == set()
    finally:
        server.stop()
    print(f"{repetitions} kills: {seen.count('new')} new files, {seen.count('old')} old ones")


def test_a_kill_in_the_middle_of_uploads_leaves_no_debris_after_a_restart(start_server, tmp_path):
    server = start_server(folder=tmp_path)
    server.put("/upload/file", b"old")
    held = [
        begin_put(server, "file", MiB, 500_000),
        begin_put(server, "new/folder/file", MiB, 500_000),
    ]
    time.sleep(0.2)
    server.kill()
    for connection in held:
        connection.close()
    again = start_server(folder=tmp_path)
    assert again.get("/download/file/file").body == b"old"
    assert visible_files(tmp_path) == {"file"}
    assert wait_until(lambda: not staged_files(tmp_path))


# ---------------------------------------------------------------- full and read-only disks


def need_mounts():
    if os.geteuid() != 0:
        pytest.skip("only root can mount")


@contextlib.contextmanager
def mounted(folder, *options):
    need_mounts()
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"mounting is not permitted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small_disk(tmp_path):
    with mounted(tmp_path / "disk", "-o", "size=4m") as folder:
        yield folder


@pytest.mark.parametrize("framing", ["length", "chunked", "form"])
@pytest.mark.parametrize("durability", ["none", "full"])
def test_a_full_disk_is_507_and_the_old_file_stays_and_the_space_is_back(
    program, small_disk, framing, durability
):
    server = OwnServer(program, small_disk, durability=durability)
    try:
        assert server.put("/upload/file", b"old").status == 201
        free = os.statvfs(small_disk).f_bfree
        data = bytes(8 * MiB)
        if framing == "length":
            request = server.request("PUT", "/upload/file", body=data)
        elif framing == "chunked":
            body = chunked(*[data[i : i + 65536] for i in range(0, len(data), 65536)])
            request = server.request(
                "PUT", "/upload/file", [("Transfer-Encoding", "chunked")], body
            )
        else:
            request = server.request(
                "POST", "/upload", [form_type()], form(part('name="file"; filename="file"', data))
            )
        for _ in range(10):  # what fails when depends on how disk and network meet
            with server.connect() as connection:
                for at in range(0, len(request), 65536):
                    connection.send(request[at : at + 65536])
                response = connection.read_response()
            assert response.status == 507
            assert response.error()
            server.check()
        assert server.get("/download/file/file").body == b"old"
        assert wait_until(lambda: os.statvfs(small_disk).f_bfree == free)
        assert visible_files(small_disk) == {"file"}
        assert server.put("/upload/file", bytes(2 * MiB)).status == 200
        assert server.get("/download/file/file").body_size == 2 * MiB
    finally:
        server.stop()


def run_program(program, *arguments, bound_s=10):
    """Runs the program to its end."""
    return subprocess.run(
        [str(program), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=bound_s,
        check=False,
        text=True,
    )


def test_a_taken_port_is_said_clearly(program, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_program(program, "serve", tmp_path, "--port", port)
    assert done.returncode not in (0, None) and done.returncode > 0
    assert str(port) in done.stderr
    assert re.search(r"in use|taken", done.stderr), done.stderr


def test_two_servers_do_not_share_a_port(program, start_server, tmp_path):
    server = start_server()
    done = run_program(program, "serve", tmp_path, "--port", server.port)
    assert done.returncode > 0
    assert str(server.port) in done.stderr


def test_a_server_for_all_addresses_names_each_that_can_be_reached(start_server):
    server = start_server("--host", "0.0.0.0")
    assert server.is_answering()
    assert server.terminate() is None and server.wait() == 0  # all of its output is here
    urls = re.findall(r"^Server: (http://\S+)$", server.output().decode(), re.M)
    assert f"http://127.0.0.1:{server.port}" in urls
    assert f"http://0.0.0.0:{server.port}" not in urls
    own = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    assert own <= {Client(url).host for url in urls} | {"127.0.1.1"}


def test_a_server_for_an_ipv6_address_names_it_in_brackets(start_server):
    if not os.path.exists("/proc/net/if_inet6"):
        pytest.skip("no IPv6 here")
    server = start_server("--host", "::1")
    assert server.url == f"http://[::1]:{server.port}"
    assert server.is_answering()


def test_a_missing_folder_is_said_clearly(program, tmp_path):
    done = run_program(program, "serve", tmp_path / "missing", "--port", 0)
    assert done.returncode > 0
    assert str(tmp_path / "missing") in done.stderr
    assert "Server:" not in done.stdout


def test_a_file_in_place_of_the_folder_is_said_clearly(program, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    done = run_program(program, "serve", tmp_path / "file", "--port", 0)
    assert done.returncode > 0
    assert str(tmp_path / "file") in done.stderr


def test_a_folder_that_is_not_writable_is_said_clearly(program, tmp_path):
    with contextlib.ExitStack() as stack:
        if os.geteuid() == 0:
            folder = stack.enter_context(mounted(tmp_path / "disk", "-o", "ro"))
        else:
            folder = tmp_path / "disk"
            folder.mkdir(mode=0o555)
        done = run_program(program, "serve", folder, "--port", 0)
        assert done.returncode > 0
        assert str(folder) in done.stderr
        assert re.search(r"writ|read-only", done.stderr), done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["serve", "--port", "70000"],
        ["serve", "--port", "x"],
        ["serve", "--durability", "some"],
        ["serve", "--log-format", "xml"],
        ["serve", "--threads", "-1"],
        ["serve", "--host", "no.such.host.invalid"],
        ["nonsense"],
    ],
)
def test_a_wrong_command_line_is_said_clearly(program, tmp_path, arguments):
    done = subprocess.run(
        [str(program), *arguments],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert done.returncode > 0
    assert done.stderr.strip()


def test_help_names_every_option_and_version_the_version(program):
    page = run_program(program, "serve", "--help")
    assert page.returncode == 0
    for option in (
        "--host",
        "--port",
        "--threads",
        "--max-connections",
        "--max-content-length",
        "--max-body-length",
        "--max-header-bytes",
        "--max-readline",
        "--header-timeout",
        "--body-idle-timeout",
        "--write-idle-timeout",
        "--keep-alive-timeout",
        "--grace",
        "--durability",
        "--log-format",
    ):
        assert option in page.stdout
    assert "serve" in run_program(program, "--help").stdout
    version = run_program(program, "--version")
    assert version.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", version.stdout)


# ---------------------------------------------------------------- its end


def refuses(server):
    """Whether a new client is turned away: no connection, an end, or a 503."""
    try:
        with server.connect(time_bound_s=2) as connection:
            connection.send(server.request("GET", "/"))
            return connection.read_response().status == 503
    except (Ended, OSError):
        return True


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_a_running_upload_finish_and_refuses_new_clients(start_server, signal_number):
    server = start_server("--grace", 10)
    connection = begin_put(server, "file", 1000, 500)
    time.sleep(0.1)
    server.terminate(signal_number)
    assert wait_until(lambda: refuses(server), 3)
    assert server.process.poll() is None
    connection.send_zeros(500)
    assert connection.read_response().status == 201
    assert connection.how_it_ends() == "closed"
    assert server.wait(3) == 0
    assert (server.folder / "file").read_bytes() == bytes(1000)


def test_a_signal_lets_a_running_download_finish(start_server):
    server = start_server("--grace", 10)
    size = 16 * MiB
    with server.connect(receive_buffer=16384) as connection:
        connection.send(server.request("GET", f"/download/generate/{size}"))
        response = connection.read_head()
        server.terminate()
        time.sleep(0.2)
        connection.read_body(response)
        assert response.body_size == size
    assert server.wait(3) == 0


def test_a_signal_ends_idle_connections_at_once(start_server):
    server = start_server("--grace", 30)
    with server.connect() as connection:
        connection.send(server.request("GET", "/"))
        connection.read_response()
        start = time.monotonic()
        server.terminate()
        assert connection.how_it_ends() == "closed"
        assert server.wait(3) == 0
        assert time.monotonic() - start < 3


def test_the_grace_time_ends_what_does_not_finish(start_server):
    server = start_server("--grace", 0.5)
    server.put("/upload/file", b"old")
    connection = begin_put(server, "file", 1000, 500)
    time.sleep(0.1)
    start = time.monotonic()
    server.terminate()
    server.wait(4)
    assert 0.3 < time.monotonic() - start < 4
    assert (server.folder / "file").read_bytes() == b"old"
    assert staged_files(server.folder) == set()
    connection.close()


def test_a_second_signal_ends_it_at_once(start_server):
    server = start_server("--grace", 60)
    connection = begin_put(server, "file", 1000, 500)
    time.sleep(0.1)
    server.terminate()
    time.sleep(0.2)
    assert server.process.poll() is None
    server.terminate()
    server.wait(3)
    assert visible_files(server.folder) == set()
    connection.close()


def test_a_port_is_free_again_at_once(start_server, tmp_path):
    server = start_server(folder=tmp_path)
    assert server.is_answering()
    port = server.port
    with server.connect() as connection:  # the server closes first: its side waits in TIME_WAIT
        connection.send(server.request("GET", "/", [("Connection", "close")]))
        connection.read_response()
    server.stop()
    again = start_server(folder=tmp_path, port=port)
    assert again.port == port
    assert again.is_answering()


# ---------------------------------------------------------------- memory


def peak_of(server, transfer):
    """The peak of resident memory while `transfer` goes on, in KiB."""
    server.forget_peak()
    transfer()
    return server.resident_kib(peak=True)


def put_zeros(server, endpoint, size):
    with server.connect(time_bound_s=60) as connection:
        connection.send(
            server.request("PUT", f"/{endpoint}/zeros", [("Content-Length", str(size))])
        )
        connection.send_zeros(size)
        response = connection.read_response()
        assert response.status in (200, 201)
        assert response.json()["size"] == size


@pytest.mark.parametrize(
    ("endpoint", "large"),
    [
        ("discard", GiB),
        ("upload", 256 * MiB),
        pytest.param("upload", GiB, marks=pytest.mark.large),
    ],
)
def test_resident_memory_is_constant_over_the_size_of_an_upload(
    start_server, is_sanitized, endpoint, large
):
    if is_sanitized:
        pytest.skip("a sanitizer has memory of its own")
    server = start_server("--threads", 1)
    small_kib = peak_of(server, lambda: put_zeros(server, endpoint, MiB))
    large_kib = peak_of(server, lambda: put_zeros(server, endpoint, large))
    print(f"{endpoint}: {small_kib} KiB at 1 MiB, {large_kib} KiB at {large // MiB} MiB")
    assert large_kib - small_kib < 2048


@pytest.mark.parametrize("target", ["/download/generate/{}", "/download/file/{}"])
def test_resident_memory_is_constant_over_the_size_of_a_download(
    start_server, is_sanitized, target
):
    if is_sanitized:
        pytest.skip("a sanitizer has memory of its own")
    server = start_server("--threads", 1)
    for size in (MiB, 256 * MiB):
        (server.folder / str(size)).touch()
        os.truncate(server.folder / str(size), size)

    def transfer(size):
        with server.connect(time_bound_s=60) as connection:
            connection.send(server.request("GET", target.format(size)))
            response = connection.read_response()
            assert response.body_size == size

    small_kib = peak_of(server, lambda: transfer(MiB))
    large_kib = peak_of(server, lambda: transfer(256 * MiB))
    print(f"{target}: {small_kib} KiB at 1 MiB, {large_kib} KiB at 256 MiB")
    assert large_kib - small_kib < 2048


def test_resident_memory_does_not_grow_with_the_number_of_requests(
    start_server, is_sanitized, repetitions
):
    if is_sanitized:
        pytest.skip("a sanitizer has memory of its own")
    server = start_server("--threads", 1, "--max-connections", 16)

    def some_requests(count):
        for index in range(count):
            with server.connect() as connection:
                connection.send(
                    server.request("PUT", "/upload/a", body=b"x" * 100)
                    + server.request("GET", "/download/file/a")
                    + server.request("GET", "/nothing")
                    + server.request("GET", "/download/generate/1000")
                )
                for _ in range(4):
                    connection.read_response()

    some_requests(100)
    before = server.resident_kib()
    some_requests(100 * repetitions)
    assert server.resident_kib() - before < 256
