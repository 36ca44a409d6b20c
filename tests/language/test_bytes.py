#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a file may be made of: bytes that cannot stand in a policy are one error each, at their place; line ends and tabs
are white space."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from test_commands import PROGRAM, SECONDS

HEAD = b"dvp 1\ndefault allow\n"


class Bytes(unittest.TestCase):
    def checked(self, text):
        """[(code, line, column)]"""
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "p.dvp").write_bytes(text)
            ran = subprocess.run([PROGRAM, "check", "--format", "json", "p.dvp"], cwd=folder, capture_output=True,
                                 text=True, timeout=SECONDS, check=False)
            self.assertIn(ran.returncode, (0, 1), ran.stderr)
            return [(d["code"], d["line"], d["col"]) for d in json.loads(ran.stdout)["diagnostics"]]

    def test_a_bom_is_an_error(self):
        self.assertEqual([("E0101", 1, 1)], self.checked(b"\xef\xbb\xbf" + HEAD))

    def test_a_nul_is_an_error_where_it_stands(self):
        self.assertEqual([("E0101", 3, 10)], self.checked(HEAD + b'let a = "\x00"\n'))

    def test_invalid_utf8_is_an_error_where_it_begins(self):
        for wrong in (b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf", b"\xe2\x82"):
            self.assertEqual([("E0101", 3, 11)], self.checked(HEAD + b'let a = "x' + wrong + b'"\n'), wrong)
        self.assertEqual([("E0101", 3, 3)], self.checked(HEAD + b"# \xff\n"))

    def test_a_lone_carriage_return_is_an_error(self):
        self.assertEqual([("E0101", 3, 6)], self.checked(HEAD + b"let a\r= 1\n"))
        self.assertEqual([("E0101", 3, 10)], self.checked(HEAD + b"let a = 1\r"))

    def test_a_bidirectional_control_is_an_error_anywhere(self):
        for point in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c":
            raw = point.encode()
            self.assertEqual([("E0107", 3, 10)], self.checked(HEAD + b'let a = "' + raw + b'"\n'), hex(ord(point)))
            self.assertEqual([("E0107", 3, 3)], self.checked(HEAD + b"# " + raw + b"\n"), hex(ord(point)))

    def test_line_ends_and_tabs_are_white_space(self):
        self.assertEqual([], self.checked(b"dvp\t1\r\ndefault allow\r\nlet\ta\r\n=\t1\r\n# c\r\n"))
        self.assertEqual([], self.checked(b"\r\n# c\r\n\r\ndvp 1\r\ndefault allow"))
        self.assertEqual(["E0108"], [row[0] for row in self.checked(HEAD + b"let a\x0b= 1\n")])
        self.assertEqual(["E0108"], [row[0] for row in self.checked(HEAD + "let a\u00a0= 1\n".encode())])

    def test_columns_count_code_points(self):
        line = 'rule r { on request when request.user ?? "é😀" == nobody deny }\n'
        self.assertEqual([("E0201", 3, line.index("nobody") + 1)], self.checked(HEAD + line.encode()))

    def test_an_empty_file_has_no_edition(self):
        self.assertEqual([("E0106", 1, 1)], self.checked(b""))
        self.assertEqual(["E0106"], [row[0] for row in self.checked(b"# only a comment\n")])


if __name__ == "__main__":
    unittest.main()
