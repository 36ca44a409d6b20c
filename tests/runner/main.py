# SPDX-License-Identifier: Apache-2.0
"""The test command behind tests/run.sh: chooses suites, builds, runs, adds up."""

import argparse
import pathlib
import sys
import time

import builds
import counts
import suites


def arguments():
    parser = argparse.ArgumentParser(prog="tests/run.sh", description="runs dvara's tests")
    parser.add_argument("--quick", action="store_true", help="the suites that need one build and a minute")
    parser.add_argument("--long", action="store_true", help="full counts: fuzzing, kills, swaps, soak")
    parser.add_argument("--suite", action="append", metavar="NAME", help="only this suite; may repeat")
    parser.add_argument("--list", action="store_true", help="name the suites and stop")
    return parser.parse_args()


def chosen(options):
    names = {suite.name for suite in suites.SUITES}
    for name in options.suite or []:
        if name not in names:
            sys.exit(f"tests/run.sh: no suite '{name}'; there are: {' '.join(sorted(names))}")
    if options.suite:
        return [suite for suite in suites.SUITES if suite.name in options.suite]
    return [suite for suite in suites.SUITES if suite.quick or not options.quick]


def sanitizer_reports(context):
    """Reports written by processes the tests started and whose exit status nobody looked at."""
    return sorted(context.log_directory.glob(f"sanitizer-{context.preset}.*"))


def run_suite(suite, options, root, log_directory, built):
    context = suites.Context(root, log_directory, suite.presets[-1], options.quick, options.long)
    for preset in suite.presets:
        if not built.ensure(preset):
            return counts.crash(f"{suite.name}: build/{preset} failed; see build/test-logs/build-{preset}.log")
    for report in sanitizer_reports(context):
        report.unlink()
    with open(log_directory / f"{suite.name}.log", "w", encoding="utf-8") as log:
        try:
            total = suite.function(context, log)
        except OSError as error:
            return counts.crash(f"{suite.name}: {error}")
    for report in sanitizer_reports(context):
        total.add(counts.crash(f"{suite.name}: sanitizer report {report.relative_to(root)}"))
    return total


def main():
    options = arguments()
    if options.list:
        for suite in suites.SUITES:
            print(f"{suite.name:10} {suite.what}{' (also --quick)' if suite.quick else ''}")
        return 0
    root = pathlib.Path(__file__).resolve().parents[2]
    log_directory = root / "build" / "test-logs"
    log_directory.mkdir(parents=True, exist_ok=True)
    built = builds.Builds(root, log_directory)
    total = counts.Counts()
    for suite in chosen(options):
        start = time.monotonic()
        result = run_suite(suite, options, root, log_directory, built)
        print(f"{suite.name:10} {result.passed:6} passed {result.failed:4} failed "
              f"{len(result.skipped):3} skipped  {time.monotonic() - start:6.1f} s", flush=True)
        for failure in result.failures:
            print(f"    FAILED  {failure}", flush=True)
        for reason in result.skipped:
            print(f"    skipped {reason}", flush=True)
        total.add(result)
    print(f"logs: {log_directory.relative_to(root)}/")
    print(f"{total.passed} passed, {total.failed} failed")
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
