# SPDX-License-Identifier: MIT
"""The servers that are measured, each as a process of its own, started and stopped by its id.

A server serves one folder: PUT /upload/NAME, GET /download/file/NAME. What it costs is read from
/proc: the CPU time of all threads of all its processes, in nanoseconds where the kernel says so.
"""

import os
import pathlib
import signal
import socket
import subprocess
import time

START_S = 10


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def confine(cpus):
    """What is measured runs on these processors, and before all else where that is permitted."""
    os.sched_setaffinity(0, cpus)
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
        # Where the scheduler shares time among sessions first, a session is what has priority.
        os.setsid()
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError:
        pass


def children_of(pid):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == pid:
            found.append(int(entry.name))
    return found


def cpu_s_of(pid):
    """User and system time of all threads, also of those that have ended where only ticks are told."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            total += int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
        return total / 1e9
    except (FileNotFoundError, IndexError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """One server over `folder`, on the CPUs of `cpus` only."""

    def __init__(self, name, folder, cpus):
        self.name = name
        self.folder = pathlib.Path(folder)
        self.cpus = cpus
        self.port = free_port()
        self.process = None
        self.pids = []
        self.folder.mkdir(parents=True, exist_ok=True)

    def command(self):
        raise NotImplementedError

    def log_path(self):
        return self.folder.parent / f"{self.folder.name}.log"

    def start(self):
        with open(self.log_path(), "wb") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=lambda: confine(self.cpus))
        deadline = time.monotonic() + START_S
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self.log_path().read_text()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not listen")
            time.sleep(0.02)
        self.pids = [self.process.pid] + children_of(self.process.pid)

    def cpu_s(self):
        return sum(cpu_s_of(pid) for pid in self.pids)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class Wherry(Server):
    def __init__(self, programs, folder, cpus, durability="none", options=()):
        super().__init__("wherry", folder, cpus)
        self.programs = programs
        self.durability = durability
        self.options = list(options)

    def command(self):
        return [str(self.programs / "cli/wherry"), "serve", str(self.folder), "--port",
                str(self.port), "--durability", self.durability] + self.options


class WrittenLimit(Server):
    def __init__(self, programs, folder, cpus, syncs=False):
        super().__init__("limit", folder, cpus)
        self.programs = programs
        self.syncs = syncs

    def command(self):
        return [str(self.programs / "bench/wherry_written_limit"), "--folder", str(self.folder),
                "--port", str(self.port)] + (["--fsync"] if self.syncs else [])


class Nginx(Server):
    """nginx with one worker and dav. It never calls fsync, and it computes no checksum."""

    def __init__(self, folder, cpus):
        super().__init__("nginx", folder, cpus)

    def command(self):
        own = self.folder.parent / f"{self.folder.name}.nginx"
        own.mkdir(exist_ok=True)
        as_root = "user root;" if os.geteuid() == 0 else ""
        config = own / "nginx.conf"
        config.write_text(f"""
            daemon off; worker_processes 1; pid {own}/pid; error_log {own}/error.log; {as_root}
            events {{ worker_connections 4096; }}
            http {{
              access_log {own}/access.log;
              sendfile on; tcp_nopush on;
              keepalive_requests 1000000000;
              client_max_body_size 0; client_body_buffer_size {self.body_buffer};
              client_body_temp_path {self.folder}/.uploads;
              proxy_temp_path {own}/proxy; fastcgi_temp_path {own}/fastcgi;
              uwsgi_temp_path {own}/uwsgi; scgi_temp_path {own}/scgi;
              server {{
                listen 127.0.0.1:{self.port} backlog=1024;
                location /download/file/ {{ alias {self.folder}/; }}
                location /upload/ {{
                  alias {self.folder}/; dav_methods PUT; create_full_put_path on;
                }}
              }}
            }}
            """)
        return ["nginx", "-p", str(own), "-e", f"{own}/error.log", "-c", str(config)]

    # Of the sizes from 16 KiB (its default) to 1 MiB the one with which its uploads cost least.
    body_buffer = "128k"
