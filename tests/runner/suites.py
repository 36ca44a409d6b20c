# SPDX-License-Identifier: Apache-2.0
"""The suites: one row each, in the order they run. A row names what to build and one function.

A function takes (context, log) and returns counts.Counts. Folder suites run what they find in
tests/<folder>: programs `run*` that end with `N passed, M failed`, and unittest files `test_*.py`.
"""

import concurrent.futures
import io
import os
import sys
import xml.etree.ElementTree

import counts
import process

PROGRAM_SECONDS = 900
LONG_PROGRAM_SECONDS = 6 * 3600
FUZZ_SECONDS, LONG_FUZZ_SECONDS = 4, 600


class Context:
    """What a suite's function may ask: where things are, how long it may take, which build."""

    def __init__(self, root, log_directory, preset, quick, long):
        self.root = root
        self.log_directory = log_directory
        self.preset = preset
        self.quick = quick
        self.long = long
        self.build = root / "build" / preset

    def program_seconds(self):
        return LONG_PROGRAM_SECONDS if self.long else PROGRAM_SECONDS

    def environment(self):
        reports = self.log_directory / f"sanitizer-{self.preset}"
        return dict(
            os.environ,
            DVARA_ROOT=str(self.root),
            DVARA_BUILD=str(self.build),
            DVARA_QUICK="1" if self.quick else "0",
            DVARA_LONG="1" if self.long else "0",
            DVARA_SANITIZER={"asan": "address", "tsan": "thread"}.get(self.preset, ""),
            ASAN_OPTIONS=f"log_path={reports}:detect_leaks=1:allocator_may_return_null=1",
            UBSAN_OPTIONS=f"log_path={reports}:print_stacktrace=1",
            TSAN_OPTIONS=f"log_path={reports}:halt_on_error=0:second_deadlock_stack=1",
            PYTHONDONTWRITEBYTECODE="1",
            PYTHONPATH=str(self.root / "tests"),
        )


def run_unit(context, log):
    report = context.log_directory / f"unit-{context.preset}.xml"
    report.unlink(missing_ok=True)
    command = ["ctest", "--test-dir", str(context.build), "-L", "unit", "-j", str(os.cpu_count()),
               "--output-on-failure", "--test-output-size-passed", str(1 << 20), "--no-tests=error", "--output-junit", str(report)]
    result = process.run(command, log, context.program_seconds(), context.environment())
    if not report.exists():
        return counts.crash("unit: ctest ended without a report")
    total = counts.Counts()
    for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
        status = 0 if case.get("status") == "run" else 1
        output = case.findtext("system-out") or ""
        total.add(counts.of_check(status, output, case.get("name")))
    return counts.checked(total, result.status, "unit")


def run_program(context, log, name, path):
    """A program `run*` of tests/<name>, or a unittest file."""
    environment = context.environment()
    if path.suffix == ".py" and path.stem.startswith("test_"):
        command = [sys.executable, "-B", "-m", "unittest", "-v", path.stem]
        result = process.run(command, log, context.program_seconds(), environment, path.parent)
        return counts.of_unittest(result.status, result.output, f"{name}/{path.name}")
    result = process.run([str(path)], log, context.program_seconds(), environment, context.root)
    return counts.of_plain(result.status, result.output, f"{name}/{path.name}")


def run_apart(context, log, name, path):
    """The same, whose log stands in one piece however many run at once."""
    own = io.StringIO()
    try:
        return run_program(context, own, name, path)
    finally:
        log.write(own.getvalue())
        log.flush()


def folder(name, together=False):
    """The function of a suite whose tests stand in tests/<name>. `together`: as many at once as there are
    processors, for programs that share no file, no port and no clock."""

    def run_folder(context, log):
        directory = context.root / "tests" / name
        programs = [path for path in sorted(directory.glob("run*")) if os.access(path, os.X_OK) and path.is_file()]
        programs += sorted(directory.glob("test_*.py"))
        total = counts.Counts()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() if together else 1) as pool:
            for one in pool.map(lambda path: run_apart(context, log, name, path), programs):
                total.add(one)
        if total.passed + total.failed + len(total.skipped) == 0:
            return counts.crash(f"{name}: no test found")
        return total

    return run_folder


def run_fuzz(context, log):
    """Each target over its seeds and then over what libFuzzer makes of them, two at a time in turn."""
    targets = sorted(path for path in (context.build / "fuzz").glob("fuzz_*") if os.access(path, os.X_OK))
    seconds = LONG_FUZZ_SECONDS if context.long else FUZZ_SECONDS
    total = counts.Counts()
    for target in targets:
        name = target.name.removeprefix("fuzz_")
        corpus = context.log_directory / "fuzz" / name
        corpus.mkdir(parents=True, exist_ok=True)
        seeds = context.root / "tests" / "fuzz" / "seeds" / name
        command = [str(target), f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                   "-print_final_stats=1", f"-artifact_prefix={corpus}/crash-", str(corpus)]
        if seeds.is_dir():
            command.append(str(seeds))
        environment = dict(context.environment(), ASAN_OPTIONS="detect_leaks=1", UBSAN_OPTIONS="print_stacktrace=1")
        result = process.run(command, log, seconds + 120, environment)
        if result.status == 0:
            total.passed += 1
        else:
            total.add(counts.crash(f"fuzz_{name}: see the log; the input is {corpus}/crash-*"))
    return total if targets else counts.crash("fuzz: no target was built")


class Suite:
    def __init__(self, name, presets, function, quick, what):
        self.name = name
        self.presets = presets    # built before the suite; the last is the one it runs in
        self.function = function
        self.quick = quick        # part of --quick
        self.what = what


def each(*functions):
    def run_each(context, log):
        total = counts.Counts()
        for function in functions:
            total.add(function(context, log))
        return total
    return run_each


SUITES = [
    Suite("unit", ["dev"], run_unit, True, "one Check program a source file"),
    Suite("language", ["dev"], folder("language", together=True), True, "policy corpora: diagnostics, decisions, formats"),
    Suite("house", ["dev"], folder("house"), True, "layers, lengths, symbols, tables, docs"),
    Suite("oracle", ["dev"], folder("oracle"), False, "the VM against a tree-walking interpreter"),
    Suite("gateway", ["dev"], folder("gateway"), False, "end to end over sockets, hostile input, audit"),
    Suite("sdk", ["release"], folder("sdk"), False, "the unmodified OpenAI clients, Python and JavaScript"),
    Suite("editors", ["dev"], folder("editors"), False, "the grammar against the lexer, the VS Code extension"),
    Suite("examples", ["release"], folder("examples"), False, "every example, the quickstart among them"),
    Suite("asan", ["asan"], each(run_unit, folder("language", together=True), folder("oracle"), folder("gateway"), folder("sdk")),
          False, "unit, language, oracle, gateway and sdk under AddressSanitizer and UBSan"),
    Suite("tsan", ["tsan"], folder("gateway"), False, "gateway under ThreadSanitizer"),
    Suite("fuzz", ["fuzz"], run_fuzz, False, "each fuzz target over its seeds and beyond"),
]
