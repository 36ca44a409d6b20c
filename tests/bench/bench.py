# SPDX-License-Identifier: Apache-2.0
"""The bench behind run.sh: measures, prints a table of ratios, writes JSON."""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

import bodies
import proxies

RATE = 3000
STREAMS = 500


class Measure:
    def __init__(self, bench, seconds):
        self.bench, self.seconds = bench, seconds

    def load(self, port, body, *options):
        path = self.bench.folder / "body.json"
        path.write_text(body)
        ran = subprocess.run(["taskset", "-c", proxies.LOAD_CORE, self.bench.build / "programs/bench_load", str(port), path,
                              "--key", proxies.KEY, *map(str, options)], capture_output=True, text=True, check=False)
        if not ran.stdout:
            raise RuntimeError(f"bench_load: {ran.stderr}")
        return json.loads(ran.stdout)

    def closed(self, proxy, body):
        before = proxy.cpu_ns()
        result = self.load(proxy.port, body, "--seconds", self.seconds)
        used = proxy.cpu_ns() - before
        if result["errors"] or not result["requests"]:
            raise RuntimeError(f"{proxy.name}: {result}")
        return {"us_per_request": used / result["requests"] / 1000, "rps": result["rps"]}

    def open(self, port, body):
        return self.load(port, body, "--seconds", self.seconds, "--rate", RATE)

    def streams(self, proxy, body):
        before = proxy.rss_kb()
        (self.bench.folder / "stream.json").write_text(body)
        load = subprocess.Popen(["taskset", "-c", proxies.LOAD_CORE, self.bench.build / "programs/bench_load", str(proxy.port),
                                 self.bench.folder / "stream.json", "--key", proxies.KEY, "--connections", str(STREAMS),
                                 "--hold", "4"], stdout=subprocess.DEVNULL)
        try:
            load.wait(2.5)
        except subprocess.TimeoutExpired:
            pass
        during = proxy.rss_kb()
        load.wait()
        return {"rss_kb_before": before, "kb_per_stream": (during - before) / STREAMS}


def compare(measure, rows, rounds):
    """rows: name -> (proxy, body). Interleaved, medians."""
    samples = {name: [] for name in rows}
    for _ in range(rounds):
        for name, (proxy, body) in rows.items():
            samples[name].append(measure.closed(proxy, body))
    return {name: {key: statistics.median(sample[key] for sample in found) for key in ("us_per_request", "rps")}
            for name, found in samples.items()}


def hooks(build):
    """Programs that measure one part each: their lines as they print them."""
    found = {}
    for name in ("bench_decide", "bench_scan", "bench_json"):
        program = build / "programs" / name
        if program.is_file():
            ran = subprocess.run(["taskset", "-c", proxies.PROXY_CORE, program], capture_output=True, text=True, timeout=300,
                                 check=False)
            found[name] = ran.stdout.splitlines()
    return found


def print_table(result):
    floors = {"1 KB": result["cpu"]["nginx 1 KB"], "10 KB": result["cpu"]["nginx 10 KB"]}
    print(f"\n{'':26}{'us CPU':>9}{'req/s':>10}{'x nginx':>9}")
    for name, row in result["cpu"].items():
        floor = floors["10 KB" if name.endswith("10 KB") else "1 KB"]
        print(f"{name:26}{row['us_per_request']:9.2f}{row['rps']:10.0f}{floor['us_per_request'] / row['us_per_request']:9.2f}")
    print(f"\n{'open loop, ' + str(RATE) + '/s':24}{'p50 us':>9}{'p99 us':>10}{'p99.9':>9}")
    for name, row in result["latency"].items():
        print(f"{name:24}{row['p50_us']:9}{row['p99_us']:10}{row['p999_us']:9}")
    print(f"\n{'':24}{'start ms':>9}{'RSS MB':>10}{'KB/stream':>10}")
    for name, row in result["memory"].items():
        print(f"{name:24}{row['cold_start_ms']:9.0f}{row['rss_kb_before'] / 1024:10.1f}{row['kb_per_stream']:10.1f}")
    for name, rows in result["parts"].items():
        print(f"\n{name}")
        print("\n".join(f"  {row}" for row in rows))


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    folder = root / "build" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bench = proxies.Bench(root, options.build.resolve(), folder)
    measure = Measure(bench, options.seconds)
    try:
        upstream = bench.upstream()
        slow = bench.upstream("--chunks", "100", "--interval-us", "200000")
        nginx = bench.nginx(upstream)
        bare = bench.dvara("bare", bodies.bare_policy(), upstream, audit=False)
        audited = bench.dvara("audit", bodies.bare_policy(), upstream)
        full = bench.dvara("full", bodies.full_policy(), upstream)
        small, large = bodies.chat(1024), bodies.chat(10 * 1024)
        variants = {"nginx": nginx, "dvara bare": bare, "dvara bare + audit": audited, "dvara everything": full}
        rows = {f"{name} {size}": (proxy, body) for size, body in (("1 KB", small), ("10 KB", large))
                for name, proxy in variants.items()}
        result = {"cpu": compare(measure, rows, options.rounds)}
        result["latency"] = {"upstream alone": measure.open(upstream, small)}
        for name, proxy in variants.items():
            result["latency"][name] = measure.open(proxy.port, small)
        result["memory"] = {}
        stream = bodies.chat(1024, stream=True)
        for proxy in (bench.nginx(slow), bench.dvara("bare-streams", bodies.bare_policy(), slow, audit=False),
                      bench.dvara("audit-streams", bodies.bare_policy(), slow),
                      bench.dvara("full-streams", bodies.full_policy(), slow)):
            result["memory"][proxy.name] = dict(measure.streams(proxy, stream), cold_start_ms=proxy.cold_start_ms)
        result["parts"] = hooks(bench.build)
    finally:
        bench.stop()
    (folder / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print_table(result)
    print(f"\nwritten: {(folder / 'result.json').relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
