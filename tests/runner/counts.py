# SPDX-License-Identifier: Apache-2.0
"""Counts of tests, read from what the runners of each kind print.

Every function takes (status, output) of one command and returns a Counts. A command that failed
without naming a failed test counts as one failure: a crash never reads as success.
"""

import re


class Counts:
    def __init__(self, passed=0, failed=0, skipped=(), failures=()):
        self.passed = passed
        self.failed = failed
        self.skipped = list(skipped)    # reasons
        self.failures = list(failures)  # names

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures
        return self


def crash(name):
    return Counts(failed=1, failures=[name])


def checked(counts, status, name):
    """Adds the failure that an exit status tells and the output did not."""
    if status == 0 and counts.failed == 0:
        return counts
    return counts if counts.failed else counts.add(crash(name))


PLAIN_SKIP = re.compile(r"^skipped: (.*)$", re.M)
CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.M)
CHECK_FAILURE = re.compile(r"^\S+:\d+:[FE]:[^:]*:([^:]+):", re.M)


def of_check(status, output, name):
    """One Check program; a test that prints `skipped: reason` and returns has not passed."""
    found = CHECK_LINE.findall(output)
    if len(found) != 1:
        return crash(f"{name}: ended without a result")
    checks, failures, errors = map(int, found[0])
    bad = failures + errors
    names = [f"{name}: {test}" for test in CHECK_FAILURE.findall(output)]
    skips = [f"{name}: {reason}" for reason in PLAIN_SKIP.findall(output)]
    return checked(Counts(max(0, checks - bad - len(skips)), bad, skips, names), status, name)


UNITTEST_RAN = re.compile(r"^Ran (\d+) tests? in", re.M)
UNITTEST_PART = re.compile(r"(failures|errors|skipped|expected failures|unexpected successes)=(\d+)")
UNITTEST_SKIP = re.compile(r"\.\.\. skipped ['\"](.*)['\"]$", re.M)
UNITTEST_FAILURE = re.compile(r"^(?:FAIL|ERROR): (.*)$", re.M)


def of_unittest(status, output, name):
    """One `python -m unittest -v`."""
    ran = UNITTEST_RAN.findall(output)
    if not ran:
        return crash(f"{name}: ended without a result")
    total = int(ran[-1])
    verdict = output.rstrip().rsplit("\n", 1)[-1]
    parts = {key: int(value) for key, value in UNITTEST_PART.findall(verdict)}
    bad = parts.get("failures", 0) + parts.get("errors", 0) + parts.get("unexpected successes", 0)
    # Failing subtests are counted one each, yet belong to one test: never count below zero.
    passed = max(0, total - bad - parts.get("skipped", 0))
    skips = [f"{name}: {reason}" for reason in UNITTEST_SKIP.findall(output)]
    names = [f"{name}: {test}" for test in UNITTEST_FAILURE.findall(output)]
    return checked(Counts(passed, bad, skips, names), status, name)


PLAIN_LINE = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)
PLAIN_FAILURE = re.compile(r"^FAIL:? (.*)$", re.M)


def of_plain(status, output, name):
    """A program that keeps the contract of tests/README.md: its last line is `N passed, M failed`."""
    found = PLAIN_LINE.findall(output)
    if not found:
        return crash(f"{name}: ended without a result")
    passed, failed = map(int, found[-1])
    names = [f"{name}: {test}" for test in PLAIN_FAILURE.findall(output)]
    skips = [f"{name}: {reason}" for reason in PLAIN_SKIP.findall(output)]
    return checked(Counts(passed, failed, skips, names), status, name)
