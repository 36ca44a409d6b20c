# SPDX-License-Identifier: Apache-2.0
"""Every rule of the house, on this tree."""

import os
import pathlib
import unittest

from rules import banned, diagnostics, documents, headers, layers, layout, lengths, manuals, mirror, papers, state, symbols, tables
from rules.exceptions import EXCEPTIONS, USED

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))


class TestThisTree(unittest.TestCase):
    def expect_none(self, problems):
        self.assertEqual([], problems, "\n" + "\n".join(problems[:40]))

    def test_layers_meet_only_downwards(self):
        self.expect_none(layers.check(ROOT))

    def test_headers_stand_alone_and_come_first(self):
        self.expect_none(headers.check(ROOT))

    def test_c_files_are_laid_out_by_clang_format(self):
        program, why_not = layout.formatter()
        if not program:
            self.skipTest(why_not)
        self.expect_none(layout.check(ROOT, program))

    def test_functions_and_files_are_short(self):
        self.expect_none(lengths.check(ROOT))

    def test_banned_functions_are_not_called(self):
        self.expect_none(banned.check(ROOT))

    def test_no_state_at_file_scope(self):
        self.expect_none(state.check(ROOT))

    def test_unit_tests_mirror_the_sources(self):
        self.expect_none(mirror.check(ROOT))

    def test_licence_lines_readmes_and_words(self):
        self.expect_none(papers.check(ROOT))

    def test_links_lead_somewhere(self):
        self.expect_none(documents.check_links(ROOT))

    def test_commands_in_documents_exist(self):
        self.expect_none(documents.check_commands(ROOT, BUILD))

    def test_every_diagnostic_has_a_page(self):
        self.expect_none(diagnostics.check(ROOT))

    def test_manual_pages_name_what_there_is(self):
        self.expect_none(manuals.check(ROOT, documents.Programs(BUILD)))

    def test_policies_in_documents_compile_or_fail_as_they_say(self):
        self.expect_none(documents.check_policies(ROOT, BUILD))

    def test_tables_in_documents_are_those_of_the_def_files(self):
        self.expect_none(tables.check(ROOT))

    def test_the_gateway_holds_no_compiler(self):
        gateway = BUILD / "bin" / "dvara-gateway"
        self.expect_none(symbols.check_gateway(gateway, BUILD / "lang" / "libdvara_lang.a"))

    def test_libraries_do_not_print_or_exit(self):
        archives = sorted(BUILD.glob("*/libdvara_*.a"))
        self.assertTrue(archives)
        for archive in archives:
            self.expect_none(symbols.check_archive(archive))

    def test_a_name_is_exported_once(self):
        archives = sorted(BUILD.glob("*/libdvara_*.a"))
        self.assertTrue(archives)
        for name in ("dvara-gateway", "dvara-policyc"):
            self.expect_none(symbols.check_names(archives, BUILD / "bin" / name))

    def test_no_exception_is_stale(self):
        for rule in (banned, layers, lengths, mirror, papers, state):
            rule.check(ROOT)
        self.expect_none([f"{path}: excused from `{rule}` for `{name}`, which it no longer needs"
                          for rule, path, name, why in sorted(set(EXCEPTIONS) - USED)])


if __name__ == "__main__":
    unittest.main()
