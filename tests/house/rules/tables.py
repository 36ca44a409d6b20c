# SPDX-License-Identifier: Apache-2.0
"""Tables in the documents are the ones tools/docs_tables.py prints from the .def files."""

import subprocess
import sys


def check(root):
    ran = subprocess.run([sys.executable, "-B", root / "tools" / "docs_tables.py", "--check", "--root", root],
                         capture_output=True, text=True, check=False)
    return [line for line in ran.stdout.splitlines() + ran.stderr.splitlines() if line]
