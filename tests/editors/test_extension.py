# SPDX-License-Identifier: Apache-2.0
"""The VS Code extension builds and packs with npm, and packs what it needs."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "editors/vscode"


class TestExtension(unittest.TestCase):
    def test_the_extension_packs_and_holds_its_grammar_program_and_client(self):
        with tempfile.TemporaryDirectory() as folder:
            work = pathlib.Path(folder) / "vscode"
            shutil.copytree(SOURCE, work, symlinks=True)
            made = subprocess.run(["npm", "run", "--silent", "package"], cwd=work, text=True, timeout=300,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(0, made.returncode, made.stdout)
            version = json.loads((work / "package.json").read_text())["version"]
            with zipfile.ZipFile(work / f"dvp-{version}.vsix") as packed:
                names = set(packed.namelist())
            for name in ("out/extension.js", "syntaxes/dvp.tmLanguage.json", "language-configuration.json",
                         "node_modules/vscode-languageclient/package.json"):
                self.assertIn(f"extension/{name}", names)

    def test_every_file_that_the_manifest_names_is_there(self):
        manifest = json.loads((SOURCE / "package.json").read_text())
        named = [row["path"] for row in manifest["contributes"]["grammars"]]
        named += [row["configuration"] for row in manifest["contributes"]["languages"]]
        for path in named:
            self.assertTrue((SOURCE / path).is_file(), path)


if __name__ == "__main__":
    unittest.main()
