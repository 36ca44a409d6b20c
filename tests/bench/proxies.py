# SPDX-License-Identifier: Apache-2.0
"""What is measured: nginx and dvara as processes on one core, with their processor time and memory."""

import contextlib
import hashlib
import os
import pathlib
import random
import socket
import subprocess
import time
import urllib.request

PROXY_CORE, LOAD_CORE = "0", "1"
KEY = "dvk_bench_0123456789abcdefghijklmnopqrstuvwxyzABCDEF"


def free_port():
    """A port that nobody listens on, below those that outgoing connections are given."""
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as probe:
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port


def children(pid):
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += children(int(child))
    return found


class Proxy:
    """A process (tree) that listens on `port`."""

    def __init__(self, name, command, port, log, ready_path):
        self.name, self.port = name, port
        start = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", PROXY_CORE, *map(str, command)], stdout=log,
                                        stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.wait(ready_path)
        self.cold_start_ms = (time.monotonic() - start) * 1000

    def wait(self, path):
        for _ in range(5000):
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended")
            try:
                if path is None:
                    socket.create_connection(("127.0.0.1", self.port), 1).close()
                else:
                    urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=1).close()
                return
            except OSError:
                time.sleep(0.002)
        raise RuntimeError(f"{self.name} is not ready")

    def cpu_ns(self):
        """User and system time of all threads of the tree, in nanoseconds."""
        total = 0
        for pid in children(self.process.pid):
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total

    def rss_kb(self):
        total = 0
        for pid in children(self.process.pid):
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    total += int(line.split()[1])
        return total

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


NGINX = """worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
worker_rlimit_nofile 20000;
events {{ worker_connections 8192; }}
http {{
  access_log off; client_max_body_size 32m; client_body_buffer_size 64k; keepalive_requests 100000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream up {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{ listen 127.0.0.1:{port} backlog=4096;
    location / {{ proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }} }}
}}
"""

DVARA = """listen: {{ address: "127.0.0.1:{port}", workers: 1 }}
admin: {{ address: "127.0.0.1:{admin}", token_hash: "sha256:{token}" }}
store: {{ folder: "{folder}/{name}-state" }}
bundle: {{ path: "{bundle}" }}
providers:
  up: {{ kind: openai, base_url: "http://127.0.0.1:{upstream}/v1", auth: none, private: true }}
tenants: [{{ id: bench }}]
keys: [{{ id: bench, tenant: bench, hash: "sha256:{key}" }}]
audit: {{ enabled: {audit} }}
"""


class Bench:
    """Starts things in one folder; paths are absolute."""

    def __init__(self, root, build, folder):
        self.root, self.build, self.folder = root, build, folder
        self.started = []
        os.sched_setaffinity(0, {int(LOAD_CORE)} & os.sched_getaffinity(0) or os.sched_getaffinity(0))

    def upstream(self, *options):
        port = free_port()
        process = subprocess.Popen(["taskset", "-c", LOAD_CORE, self.build / "programs/bench_upstream", str(port), *options],
                                   stdout=subprocess.PIPE)
        process.stdout.readline()
        self.started.append(process)
        return port

    def nginx(self, upstream):
        port = free_port()
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(folder=self.folder, port=port, upstream=upstream))
        with open(self.folder / "nginx.out", "w", encoding="utf-8") as log:
            return self.keep(Proxy("nginx", ["/usr/sbin/nginx", "-c", config], port, log, None))

    def dvara(self, name, policy, upstream, audit=True):
        port = free_port()
        source, bundle = self.folder / f"{name}.dvp", self.folder / f"{name}.dvb"
        source.write_text(policy)
        subprocess.run([self.build / "bin/dvara-policyc", "compile", "--library", self.root / "policies", "-o", bundle, source],
                       check=True)
        config = self.folder / f"{name}.yaml"
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        config.write_text(DVARA.format(port=port, admin=free_port(), folder=self.folder, name=name, bundle=bundle,
                                       upstream=upstream, key=digest, token=digest, audit="true" if audit else "false"))
        with open(self.folder / f"{name}.log", "w", encoding="utf-8") as log:
            return self.keep(Proxy(name, [self.build / "bin/dvara-gateway", config], port, log, "/readyz"))

    def keep(self, proxy):
        self.started.append(proxy.process)
        return proxy

    def stop(self):
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
