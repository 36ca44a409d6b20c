# SPDX-License-Identifier: Apache-2.0
"""Configures and builds a preset, once a run."""

import os
import shutil

import process

BUILD_SECONDS = 1800

# What is built of a preset, where that is not everything.
TARGETS = {"fuzz": "fuzzers", "tsan": "end_to_end"}


def environment():
    result = dict(os.environ)
    if shutil.which("ccache"):
        result.setdefault("CMAKE_C_COMPILER_LAUNCHER", "ccache")
    return result


class Builds:
    def __init__(self, root, log_directory):
        self.root = root
        self.log_directory = log_directory
        self.done = {}

    def ensure(self, preset):
        """True when build/<preset> is up to date; the log is build/test-logs/build-<preset>.log."""
        if preset not in self.done:
            self.done[preset] = self.build(preset)
        return self.done[preset]

    def build(self, preset):
        with open(self.log_directory / f"build-{preset}.log", "w", encoding="utf-8") as log:
            target = ["--target", TARGETS[preset]] if preset in TARGETS else []
            for command in (["cmake", "--preset", preset], ["cmake", "--build", f"build/{preset}", *target]):
                if process.run(command, log, BUILD_SECONDS, environment(), self.root).status != 0:
                    return False
        return True
