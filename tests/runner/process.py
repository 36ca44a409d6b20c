# SPDX-License-Identifier: Apache-2.0
"""Runs one command with a time limit into a log file, and leaves none of its children behind."""

import os
import signal
import subprocess
import threading


class Result:
    """What a command did: its exit status (None when it ran out of time) and its whole output."""

    def __init__(self, status, output):
        self.status = status
        self.output = output


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(command, log, timeout, environment=None, cwd=None):
    """Standard output and error go to `log` (a file opened for appending, text) and are returned."""
    log.write("\n$ " + " ".join(command) + "\n")
    log.flush()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        env=environment, cwd=cwd, start_new_session=True)
    expired = threading.Event()

    def expire():
        expired.set()
        kill_group(process)

    timer = threading.Timer(timeout, expire)
    timer.start()
    chunks = []
    try:
        for line in process.stdout:
            text = line.decode("utf-8", "replace")
            chunks.append(text)
            log.write(text)
        status = process.wait()
    finally:
        timer.cancel()
        kill_group(process)
    log.flush()
    if expired.is_set():
        log.write(f"timed out after {timeout} s\n")
        return Result(None, "".join(chunks))
    return Result(status, "".join(chunks))
