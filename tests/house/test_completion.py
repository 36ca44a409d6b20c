# SPDX-License-Identifier: Apache-2.0
"""tools/completion/dvara.bash offers what the programs know, once each, and nothing else."""

import os
import pathlib
import shlex
import subprocess
import unittest

ROOT = pathlib.Path(os.environ.get("DVARA_ROOT", pathlib.Path(__file__).resolve().parents[2]))
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build/dev"))

SCRIPT = """
set -u
source tools/completion/dvara.bash
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
COMPREPLY=()
_dvara "$1"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def complete(program, *words):
    """What TAB offers at the last word; "" is none yet."""
    line = " ".join(shlex.quote(word) for word in (program, *words))
    ran = subprocess.run(["bash", "--norc", "-c", SCRIPT.format(words=line), "bash", BUILD / "bin" / program], cwd=ROOT,
                         capture_output=True, text=True, timeout=30, check=True)
    assert not ran.stderr, ran.stderr
    return ran.stdout.split()


class TestCompletion(unittest.TestCase):
    def test_commands_of_two_words_are_offered_word_by_word(self):
        self.assertEqual(["audit", "keys"], complete("dvara", ""))
        self.assertEqual(["verify"], complete("dvara", "audit", ""))
        self.assertEqual(["hash", "new"], complete("dvara", "keys", ""))
        self.assertEqual(["new"], complete("dvara", "keys", "n"))
        self.assertEqual([], complete("dvara", "audit", "verify", ""))      # bash offers files

    def test_options_are_those_of_the_command(self):
        offered = complete("dvara", "audit", "verify", "--")
        self.assertLessEqual({"--key", "--checkpoint-key", "--first", "--last", "--no-checkpoints", "--help"}, set(offered))
        self.assertEqual(sorted(set(offered)), offered)
        self.assertEqual(["--coverage", "--coverage-min"], complete("dvara-policyc", "test", "--library", "x", "--cov"))
        self.assertEqual([], complete("dvara-policyc", "check", "--cov"))

    def test_commands_of_the_compiler_are_offered(self):
        offered = complete("dvara-policyc", "")
        self.assertLessEqual({"check", "lint", "test", "compile", "explain", "lsp"}, set(offered))
        self.assertEqual(["compile"], complete("dvara-policyc", "com"))
        self.assertEqual([], complete("dvara-policyc", "check", ""))

    def test_the_gateway_has_options_and_no_commands(self):
        self.assertEqual([], complete("dvara-gateway", ""))
        self.assertLessEqual({"--config", "--check", "--store", "--options"}, set(complete("dvara-gateway", "--")))
        self.assertEqual(["--check"], complete("dvara-gateway", "x.yaml", "--ch"))


if __name__ == "__main__":
    unittest.main()
