# SPDX-License-Identifier: MIT
"""The servers that are measured, each as a process of its own, started and stopped by its id.

A server serves one folder: PUT /upload/NAME, GET /download/file/NAME. What it costs is read from
/proc: the CPU time of all threads of all its processes, in nanoseconds where the kernel says so.
"""

import os
import pathlib
import shutil
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

    def why_missing(self):
        """Why it cannot run on this machine; None: it can."""
        program = self.command()[0]
        return None if shutil.which(program) else f"there is no {program} here"

    def own_folder(self):
        """For its configuration, logs and temporary files: on the mount of what it serves."""
        own = self.folder.parent / f"{self.folder.name}.{self.name}"
        own.mkdir(exist_ok=True)
        return own

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
    def __init__(self, programs, folder, cpus, durability="none", options=(), name="wherry"):
        super().__init__(name, folder, cpus)
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


# The peers: each with one process and one thread that serves, as Wherry has one loop; sendfile
# where it has that; a line of its access log for each request; connections that are kept without
# end; and no compression, no TLS. As root each serves as root, as Wherry does, to write the folder.


class Nginx(Server):
    """nginx with one worker and dav. It never calls fsync, and it computes no checksum."""

    # Of the sizes from 16 KiB (its default) to 1 MiB the one with which its uploads cost least.
    body_buffer = "128k"

    def __init__(self, folder, cpus, max_connections=4096):
        super().__init__("nginx", folder, cpus)
        self.max_connections = max_connections

    def command(self):
        own = self.own_folder()
        as_root = "user root;" if os.geteuid() == 0 else ""
        config = own / "nginx.conf"
        config.write_text(f"""
            daemon off; worker_processes 1; pid {own}/pid; error_log {own}/error.log; {as_root}
            events {{ worker_connections {self.max_connections}; }}
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


class H2o(Server):
    """h2o serves files only; it reads them, for it has no sendfile."""

    def __init__(self, folder, cpus):
        super().__init__("h2o", folder, cpus)

    def command(self):
        own = self.own_folder()
        as_root = "user: root" if os.geteuid() == 0 else ""
        config = own / "h2o.conf"
        config.write_text(f"""
num-threads: 1
{as_root}
access-log: {own}/access.log
error-log: {own}/error.log
pid-file: {own}/pid
listen:
  host: 127.0.0.1
  port: {self.port}
hosts:
  default:
    paths:
      /download/file/:
        file.dir: {self.folder}
""")
        return ["h2o", "--mode", "worker", "--conf", str(config)]


class Lighttpd(Server):
    """lighttpd with mod_webdav. An upload's temporary file is one, however large (the default is
    several of 1 MiB), on the mount of the folder, so that it is renamed and not copied."""

    def __init__(self, folder, cpus):
        super().__init__("lighttpd", folder, cpus)

    def command(self):
        own = self.own_folder()
        config = own / "lighttpd.conf"
        config.write_text(f"""
            server.modules = ("mod_alias", "mod_accesslog", "mod_webdav")
            server.bind = "127.0.0.1"
            server.port = {self.port}
            server.document-root = "{self.folder}"
            server.network-backend = "sendfile"
            server.max-keep-alive-requests = 1000000000
            server.max-keep-alive-idle = 60
            server.max-connections = 4096
            server.max-fds = 8192
            server.upload-dirs = ("{self.folder}")
            server.upload-temp-file-size = 2147483647
            accesslog.filename = "{own}/access.log"
            server.errorlog = "{own}/error.log"
            alias.url = ("/upload/" => "{self.folder}/", "/download/file/" => "{self.folder}/")
            $HTTP["url"] =~ "^/upload/" {{ webdav.activate = "enable" }}
            """)
        return ["lighttpd", "-D", "-f", str(config)]


class MicroPython(Server):
    """The guide's upload on MicroPython for Unix: bench/guide_server.py says what of it that is."""

    def __init__(self, programs, folder, cpus):
        super().__init__("micropython", folder, cpus)
        self.programs = programs

    def command(self):
        server = pathlib.Path(__file__).with_name("guide_server.py")
        return [str(self.programs / "micropython"), str(server), str(self.port)]
