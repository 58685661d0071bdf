# SPDX-License-Identifier: MIT
"""GET /metrics and GET /events: what a server tells of its requests; and CORS."""

import json
import re

import pytest

from wherry_server import wait_until

SAMPLE = re.compile(r'wherry_[a-z0-9_]+(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"\})? [0-9]+(\.[0-9]+)?')


def metrics_of(server):
    """{sample: value}; each line is one that Prometheus reads."""
    response = server.get("/metrics")
    assert response.status == 200, response
    assert response.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    samples = {}
    for line in response.body.decode().splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP wherry_\w+ .+|TYPE wherry_\w+ (counter|gauge|histogram))", line)
            continue
        assert SAMPLE.fullmatch(line), line
        name, value = line.rsplit(" ", 1)
        assert name not in samples, name
        samples[name] = float(value)
    return samples


@pytest.mark.needs_metrics
def test_metrics_count_transfers_errors_and_durations(server, unique):
    before = metrics_of(server)
    data = b"x" * 10_000
    assert server.put(f"/upload/{unique}.bin", data).status == 201
    assert server.get(f"/nothing/{unique}").status == 404
    after = metrics_of(server)

    def growth(name):
        return after[name] - before.get(name, 0)

    assert growth("wherry_transfers_received_bytes_total") == len(data)
    assert growth("wherry_transfers_failed_total") == 1
    assert growth('wherry_errors_total{error="not_found"}') == 1
    assert growth("wherry_request_duration_seconds_count") == 2
    assert after['wherry_request_duration_seconds_bucket{le="+Inf"}'] == (
        after["wherry_request_duration_seconds_count"]
    )
    assert after["wherry_connections_limit"] >= 1


def test_counters_of_several_loops_never_fall_and_miss_nothing(start_server):
    """Whichever loop is asked: each connection is a new one, and comes to any of them."""
    server = start_server("--threads", 4)
    scrapes = [metrics_of(server)]
    data = b"x" * 10_000
    for i in range(40):
        assert server.put(f"/upload/{i}.bin", data).status == 201
        assert server.get(f"/nothing/{i}").status == 404
        scrapes.append(metrics_of(server))
    for before, after in zip(scrapes, scrapes[1:]):
        for name, value in before.items():
            if re.search(r"_(total|count|sum|bucket)(\{|$)", name):
                assert after[name] >= value, (name, value, after[name])
    last = scrapes[-1]
    assert last["wherry_transfers_received_bytes_total"] == 40 * len(data)
    assert last["wherry_transfers_failed_total"] == 40
    assert last["wherry_transfers_complete_total"] == 40 + len(scrapes) - 1  # this one goes on
    assert last['wherry_errors_total{error="not_found"}'] == 40
    assert last["wherry_request_duration_seconds_count"] == 80  # who watches is not in it
    assert last["wherry_connections_limit"] == 256
    connections = 80 + len(scrapes)

    def all_are_told():
        nonlocal connections
        connections += 1
        told = server.get("/status").json()["connections"]
        assert told["used"] <= told["peak"] <= told["limit"]
        assert told["accepted"] <= connections
        return told["accepted"] == connections and told["used"] == told["busy"] == 1

    assert wait_until(all_are_told)


class Enough(Exception):
    """What was waited for has come."""


class EventReader:
    """A sink for the body of a stream: keeps its events, up to one for which `until` is true."""

    def __init__(self, until):
        self.events = []
        self._until = until
        self._text = b""

    def __call__(self, data):
        self._text += data
        while b"\n\n" in self._text:
            event, self._text = self._text.split(b"\n\n", 1)
            lines = [line for line in event.decode().split("\n") if not line.startswith(":")]
            fields = dict(line.split(": ", 1) for line in lines)
            if "event" in fields:
                self.events.append((fields["event"], json.loads(fields["data"])))
                if self._until(*self.events[-1]):
                    raise Enough


@pytest.mark.needs_metrics
def test_events_tell_of_a_transfer(server, unique):
    data = b"x" * 20_000
    path = f"/upload/{unique}.bin"
    ids = set()

    def is_done(name, told):
        if name == "started" and told["path"] == path:
            ids.add(told["id"])
        return name == "done" and told["id"] in ids

    reader = EventReader(is_done)
    with server.connect() as watcher:
        watcher.send(server.request("GET", "/events"))
        response = watcher.read_head()
        assert response.status == 200
        assert response.get("Content-Type") == "text/event-stream"
        assert server.put(path, data).status == 201
        with pytest.raises(Enough):
            watcher.read_body(response, reader)
    done = reader.events[-1][1]
    assert (done["status"], done["bytes"], done["outcome"]) == (201, len(data), "ok")
    assert re.fullmatch("0x[0-9a-f]{8}", done["crc32"])


def test_status_lists_what_runs(server, unique):
    with server.connect() as sender:
        begun = server.request("PUT", f"/discard/{unique}", body=b"0123456789")
        sender.send(begun[:-5])
        running = []
        for _ in range(200):
            running = server.get("/status").json()["running"]
            if any(one["path"] == f"/discard/{unique}" and one["bytes"] == 5 for one in running):
                break
        assert running, "it is not listed"
        sender.send(b"56789")
        assert sender.read_response().status == 200


def test_pages_of_other_origins_are_let_in_where_the_server_says_so(start_server):
    allowed, other = "https://app.test", "https://other.test"
    server = start_server("--cors", allowed, "--cors", "http://127.0.0.1:3000")
    ask = [("Origin", allowed), ("Access-Control-Request-Method", "PUT")]
    preflight = server.exchange("OPTIONS", "/upload/a", ask)
    assert preflight.status == 204
    assert preflight.get("Access-Control-Allow-Origin") == allowed
    assert "PUT" in preflight.get("Access-Control-Allow-Methods")
    for target, status in (("/", 200), ("/nothing", 404)):
        response = server.get(target, [("Origin", allowed)])
        assert response.status == status
        assert response.get("Access-Control-Allow-Origin") == allowed
        assert response.get("Vary") == "Origin"
        assert server.get(target, [("Origin", other)]).get("Access-Control-Allow-Origin") is None


def test_no_origin_is_let_in_by_default(server):
    response = server.get("/", [("Origin", "https://app.test")])
    assert response.get("Access-Control-Allow-Origin") is None
