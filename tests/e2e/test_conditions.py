# SPDX-License-Identifier: MIT
"""RFC 9110 §13: conditions on GET, HEAD, PUT and DELETE, in the order of precedence of §13.2.2,
against a model that is written from the RFC; and that none of them can be lost in a race."""

import email.utils
import itertools
import os
import threading
import time

import pytest

DATA = b"the file that the conditions are about"


def http_date(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


# ---------------------------------------------------------------- the model
#
# Each condition is a name for what is sent, which depends on what the file's validators are.

TAG_CONDITIONS = {
    None: lambda etag: None,
    "any": lambda etag: "*",
    "current": lambda etag: etag,
    "other": lambda etag: '"0123456789abcdef-other"',
    "weak": lambda etag: f"W/{etag}",
    "list": lambda etag: f'"x", W/"y" ,{etag},, "z,"',
    "comma": lambda etag: f'"x,{etag[1:-1]},y"',  # one tag, in which the current one stands
}
DATE_CONDITIONS = {
    None: lambda modified: None,
    "before": lambda modified: http_date(modified - 1000),
    "same": http_date,
    "after": lambda modified: http_date(modified + 1000),
    "no date": lambda modified: "yesterday",
}


def matches(condition, exists, strongly):
    """§13.1.1, §13.1.2: whether the list has the file's tag."""
    if not exists:
        return False
    return condition in ("any", "current", "list") or (condition == "weak" and not strongly)


def expected(method, exists, dated, if_match, unmodified, if_none_match, modified):
    """Returns: the status by §13.2.2. `dated`: the file's Last-Modified is known."""
    otherwise = {"PUT": 200 if exists else 201, "DELETE": 204}.get(method, 200)
    if not exists and method != "PUT":
        return 404  # §13.2.1: not for conditions to decide
    reads = method in ("GET", "HEAD")
    if if_match is not None:
        if not matches(if_match, exists, strongly=True):
            return 412
    elif unmodified == "before" and exists and dated:
        return 412
    if if_none_match is not None:
        if matches(if_none_match, exists, strongly=False):
            return 304 if reads else 412
    elif reads and modified in ("same", "after") and dated:
        return 304
    return otherwise


class Subject:
    """One file, over one connection: `make` puts it there, or takes it away."""

    def __init__(self, server, target):
        self.server, self.target = server, target
        self.connection = server.connect()
        self.etag = '"fedcba9876543210"'
        self.modified_s = int(time.time())
        self.dated = True
        self.exists = None

    def ask(self, method, fields=(), body=None):
        self.connection.send(self.server.request(method, self.target, fields, body))
        return self.connection.read_final_response(method)

    def make(self, exists):
        if exists and not self.exists:
            assert self.ask("PUT", body=DATA).status in (200, 201)
            self.learn()
        elif not exists and self.exists is not False:
            assert self.ask("DELETE").status in (204, 404)
        self.exists = exists

    def learn(self):
        head = self.ask("HEAD")
        self.etag = head.get("ETag")
        date = head.get("Last-Modified")
        self.dated = date is not None
        if self.dated:
            self.modified_s = int(email.utils.parsedate_to_datetime(date).timestamp())


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_conditions_have_the_precedence_of_the_rfc(server, unique, split_points, method, exists):
    subject = Subject(server, f"/files/{unique}")
    rows = list(
        itertools.product(TAG_CONDITIONS, DATE_CONDITIONS, TAG_CONDITIONS, DATE_CONDITIONS)
    )
    changes = method in ("PUT", "DELETE")
    # A file is stored for each row then: every 7th is enough, which still has each pair.
    step = 7 if changes or not server.process else 1
    wrong = []
    for row in rows[::step]:
        subject.make(exists)
        if_match, unmodified, if_none_match, modified = row
        fields = [
            ("If-Match", TAG_CONDITIONS[if_match](subject.etag)),
            ("If-Unmodified-Since", DATE_CONDITIONS[unmodified](subject.modified_s)),
            ("If-None-Match", TAG_CONDITIONS[if_none_match](subject.etag)),
            ("If-Modified-Since", DATE_CONDITIONS[modified](subject.modified_s)),
        ]
        fields = [(name, value) for name, value in fields if value is not None]
        response = subject.ask(method, fields, DATA if method == "PUT" else None)
        status = expected(method, exists, subject.dated, *row)
        if response.status != status:
            wrong.append((row, response.status, status))
        if response.status in (200, 201, 204) and changes:
            subject.exists = method == "PUT"
            if subject.exists:
                subject.learn()
    assert not wrong, f"{len(wrong)} wrong, of them (row, got, due): {wrong[:10]}"
    assert len(rows[::step]) > 100


# ---------------------------------------------------------------- validators


def test_a_tag_is_strong_and_the_same_wherever_it_is_told(server, unique):
    target = f"/files/{unique}"
    put = server.put(target, DATA)
    etag = put.get("ETag")
    assert etag[0] == etag[-1] == '"' and len(etag) > 2 and not etag.startswith("W/")
    for method, address in (("GET", target), ("HEAD", target), ("GET", f"/download/file/{unique}")):
        assert server.exchange(method, address).get("ETag") == etag
    not_modified = server.get(target, [("If-None-Match", etag)])
    assert (not_modified.status, not_modified.get("ETag")) == (304, etag)
    assert not_modified.body == b""
    partial = server.get(target, [("Range", "bytes=0-1")])
    assert (partial.status, partial.get("ETag")) == (206, etag)


def test_not_modified_has_no_headers_of_the_content(server, unique):
    """RFC 9110 §15.4.5: what 200 would have of these, and of the content nothing."""
    target = f"/files/{unique}"
    etag = server.put(target, DATA).get("ETag")
    whole = server.get(target)
    response = server.get(target, [("If-None-Match", etag)])
    for name in ("Date", "ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert (response.get(name) is None) == (whole.get(name) is None), name
    assert response.get("Content-Length") in (None, str(len(DATA)))
    assert response.get("Content-Range") is None


@pytest.mark.needs_folder
def test_no_file_was_modified_in_the_future(server, unique):
    """RFC 9110 §8.8.2.1: Last-Modified is no later than Date; and such a date is good for nothing:
    the file may still change within it."""
    path = server.folder / unique
    path.write_bytes(DATA)
    tomorrow = time.time() + 86400
    os.utime(path, (tomorrow, tomorrow))
    response = server.get(f"/files/{unique}")
    dates = [email.utils.parsedate_to_datetime(response.get(name))
             for name in ("Last-Modified", "Date")]  # fmt: skip
    assert dates[0] <= dates[1]
    told = response.get("Last-Modified")
    assert server.get(f"/files/{unique}", [("If-Modified-Since", told)]).status == 200
    ranged = server.get(f"/files/{unique}", [("If-Range", told), ("Range", "bytes=0-1")])
    assert ranged.status == 200


def test_each_version_has_a_tag_of_its_own(server, unique):
    """Also versions of the same size, made within one tick of the file system's clock, where the
    number of the file before is free again."""
    target, count = f"/files/{unique}", 500 if server.process else 10
    tags = set()
    with server.connect() as connection:
        for i in range(count):
            connection.send(server.request("PUT", target, body=b"%08d" % i))
            response = connection.read_final_response("PUT")
            assert response.status in (200, 201)
            tags.add(response.get("ETag"))
    assert len(tags) == count
    assert server.exchange("HEAD", target).get("ETag") in tags


def test_a_condition_that_fails_costs_no_body(server, unique):
    """The answer comes before the client has sent what would be thrown away."""
    target = f"/files/{unique}"
    server.put(target, DATA)
    fields = [("If-None-Match", "*"), ("Content-Length", "10"), ("Expect", "100-continue")]
    with server.connect() as connection:
        connection.send(server.request("PUT", target, fields))
        response = connection.read_response("PUT")
        assert response.status == 412
        assert response.error()
    assert server.get(target).body == DATA


def test_conditions_do_not_hide_what_is_wrong_without_them(server, unique):
    """RFC 9110 §13.2.1: where the answer without them were no success, they are not looked at."""
    target = f"/files/{unique}"
    never = [("If-Match", '"never"')]
    assert server.exchange("DELETE", target, never).status == 404
    assert server.exchange("POST", f"{target}?move={unique}-new", never).status == 404
    assert server.get(target, never).status == 404
    server.put(f"{target}/file", DATA)
    assert server.put(target, b"evil", never).status == 409  # it is a folder
    assert server.exchange("POST", f"{target}/file", never).status == 400  # no ?move=
    assert server.exchange("PATCH", f"{target}/file", never).status == 405


@pytest.mark.parametrize("value", ['"a', "a", '"a" "b"', 'w/"a"', "**", '*, "a"', ""])
def test_a_malformed_tag_changes_nothing(server, unique, value):
    target = f"/files/{unique}"
    server.put(target, DATA)
    for method, body in (("PUT", b"evil"), ("DELETE", None)):
        assert server.exchange(method, target, [("If-Match", value)], body).status in (400, 412)
    assert server.get(target).body == DATA


def test_a_folder_has_no_tag_that_could_match(server, unique):
    server.put(f"/files/{unique}/file", DATA)
    for target in (f"/files/{unique}?recursive=1", f"/files/{unique}/?recursive=1"):
        assert server.exchange("DELETE", target, [("If-Match", '"any"')]).status == 412
    assert server.get(f"/files/{unique}/file").body == DATA


# ---------------------------------------------------------------- races


class Writer:
    """One of those that race, on a connection of its own."""

    def __init__(self, server, number, barrier):
        self.server, self.number, self.barrier = server, number, barrier
        self.connection = server.connect()
        self.statuses = []
        self.tags = []

    def write(self, target, fields, body):
        request = self.server.request("PUT", target, fields, body)
        # All but the last byte is there: the rest is one packet.
        self.connection.send(request[:-1])
        self.barrier.wait(30)
        self.connection.send(request[-1:])
        response = self.connection.read_final_response("PUT")
        self.statuses.append(response.status)
        self.tags.append(response.get("ETag"))


def race(server, writers, target, fields):
    """All at once; returns: the number of the one that won, and its tag."""
    threads = [
        threading.Thread(target=one.write, args=(target, fields, b"writer %d" % one.number))
        for one in writers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    statuses = [one.statuses[-1] for one in writers]
    winners = [one for one in writers if one.statuses[-1] in (200, 201)]
    assert len(winners) == 1, statuses
    assert set(statuses) - {200, 201} == {412}, statuses
    return winners[0].number, winners[0].tags[-1]


def run_race(server, target, count, rounds):
    barrier = threading.Barrier(count)
    writers = [Writer(server, number, barrier) for number in range(count)]
    winner, tag = race(server, writers, target, [("If-None-Match", "*")])
    for _ in range(rounds):
        winner, tag = race(server, writers, target, [("If-Match", tag)])
    for one in writers:
        one.connection.close()
    response = server.get(target)
    assert (response.body, response.get("ETag")) == (b"writer %d" % winner, tag)


@pytest.fixture
def rounds(request):
    """How many races are run."""
    if request.config.getoption("--base-url"):
        return 5
    return 1000 if request.config.getoption("--large") else 100


def test_of_those_that_write_by_if_match_exactly_one_wins_each_round(server, unique, rounds):
    run_race(server, f"/files/{unique}", 8 if server.process else 3, rounds)


@pytest.mark.parametrize("durability", ["none", "full"])
def test_exactly_one_wins_on_many_threads_too(start_server, rounds, durability):
    server = start_server("--threads", 4, durability=durability)
    run_race(server, "/files/raced", 8, rounds if durability == "none" else rounds // 4)
    assert not server.staged_files()


def test_a_writer_and_one_who_deletes_do_not_both_win(start_server, rounds):
    """By the same tag: one of them succeeds, and what is there then is what it left."""
    server = start_server("--threads", 2)
    deleter, writer = server.connect(), server.connect()
    for _ in range(rounds):
        server.put("/files/f", DATA)
        tag = [("If-Match", server.exchange("HEAD", "/files/f").get("ETag"))]
        put = server.request("PUT", "/files/f", tag, b"new")
        writer.send(put[:-1])
        deleter.send(server.request("DELETE", "/files/f", tag))
        writer.send(put[-1:])
        deleted = deleter.read_response("DELETE").status
        written = writer.read_response("PUT").status
        after = server.get("/files/f")
        if written == 200:
            assert deleted == 412
            assert after.body == b"new"
        else:
            assert (deleted, written, after.status) == (204, 412, 404)
