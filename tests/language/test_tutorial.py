#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages that a reader follows step by step are followed: files are written, commands run, and what they print is what
the page says.

In order, in one empty folder: a `dvp` fence below a line that ends with "`NAME`:" is that file; an `sh` fence is run, and a `text`
fence right below it is all that it prints. `# exit 1` behind a command says its exit code."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from test_commands import PROGRAM, ROOT, SECONDS

FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n", re.M | re.S)
FILE = re.compile(r"`([\w/.-]+)`(?: again)?[^`]*:\s*$")


def steps(page):
    """(kind, text, file named before it) of each fence."""
    end = 0
    for match in FENCE.finditer(page):
        before = page[end:match.start()]
        named = FILE.search(before)
        yield match.group(1), match.group(2), named.group(1) if named else None, before.strip() == ""
        end = match.end()


class Pages(unittest.TestCase):
    maxDiff = None

    def run_block(self, block, folder):
        environment = dict(os.environ, PATH=f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}")
        ran = subprocess.run(["bash", "-c", block], cwd=folder, env=environment, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, timeout=4 * SECONDS, check=False)
        wanted = re.search(r"# exit (\d+)", block)
        self.assertEqual(int(wanted.group(1)) if wanted else 0, ran.returncode, block + ran.stdout + ran.stderr)
        return ran.stdout + ran.stderr

    def follow(self, name):
        page = (ROOT / "docs" / "language" / name).read_text(encoding="utf-8")
        said, ran = None, 0
        with tempfile.TemporaryDirectory(prefix="dvara-pages-") as folder:
            for kind, text, file, follows in steps(page):
                if kind == "dvp" and file:
                    path = pathlib.Path(folder) / file
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
                elif kind == "sh":
                    said, ran = self.run_block(text, folder), ran + 1
                elif kind == "text" and said is not None and follows:
                    self.assertEqual(text, said)
                    said = None
        return ran

    def test_the_tutorial_is_as_it_says(self):
        self.assertGreater(self.follow("tutorial.md"), 8)

    def test_the_page_about_debugging_runs(self):
        self.assertGreater(self.follow("debugging.md"), 0)


if __name__ == "__main__":
    unittest.main()
