# SPDX-License-Identifier: Apache-2.0
"""Each rule complains about a small tree that breaks it, and is silent about one that does not."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from rules import banned, diagnostics, documents, headers, layers, layout, lengths, manuals, mirror, papers, source, state, symbols, tables

LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"


class RuleTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def expect(self, problems, *fragments):
        self.assertEqual(len(fragments), len(problems), problems)
        for fragment, problem in zip(fragments, problems):
            self.assertIn(fragment, problem)


class TestLayers(RuleTest):
    def test_the_gateway_may_not_include_the_language(self):
        self.write("lang/parser.h", LICENCE)
        self.write("gateway/x.c", '#include "lang/parser.h"\n')
        self.expect(layers.check(self.root), "gateway may not include lang")

    def test_the_language_may_not_include_the_gateway(self):
        self.write("gateway/x.h", LICENCE)
        self.write("lang/y.c", '#include "gateway/x.h"\n')
        self.expect(layers.check(self.root), "lang may not include gateway")

    def test_base_may_not_include_the_engine(self):
        self.write("engine/vm/run.h", LICENCE)
        self.write("engine/base/x.c", '#include "vm/run.h"\n')
        self.expect(layers.check(self.root), "base may not include engine")

    def test_the_gateway_may_not_include_the_pattern_compiler(self):
        self.write("engine/pattern/build/build.h", LICENCE)
        self.write("gateway/x.c", '#include "pattern/build/build.h"\n')
        self.expect(layers.check(self.root), "gateway may not include pattern_build")

    def test_libraries_have_their_rooms(self):
        self.write("engine/vm/x.c", "#include <hs/hs.h>\n#include <pcre2.h>\n")
        self.write("gateway/exchange.c", "#include <event2/event.h>\n#include <curl/curl.h>\n")
        self.expect(layers.check(self.root), "<hs/hs.h>", "<pcre2.h>", "<event2/event.h>", "<curl/curl.h>")

    def test_an_include_of_nothing_or_of_a_source_file_is_found(self):
        self.write("lang/a.c", '#include "lang/gone.h"\n#include "lang/b.c"\n')
        self.write("lang/b.c", "")
        self.expect(layers.check(self.root), "is no file", "includes the source file")

    def test_what_the_layers_allow_passes(self):
        self.write("engine/include/dvara/str.h", LICENCE)
        self.write("engine/base/buf.h", '#include "dvara/str.h"\n')
        self.write("lang/a.c", '#include "base/buf.h"\n')
        self.write("gateway/upstream/a.c", '#include "base/buf.h"\n#include <curl/curl.h>\n#include <event2/event.h>\n')
        self.expect(layers.check(self.root))


class TestLayout(RuleTest):
    def test_a_file_in_another_layout_is_named_with_its_line(self):
        program, why_not = layout.formatter()
        if not program:
            self.skipTest(why_not)
        (self.root / ".clang-format").write_bytes((pathlib.Path(__file__).resolve().parents[2] / ".clang-format").read_bytes())
        self.write("engine/good.c", "int good(void)\n{\n    return 1;\n}\n")
        self.expect(layout.check(self.root, program))
        self.write("engine/bad.c", "int bad(void)\n{\n  return 1;\n}\n")
        self.expect(layout.check(self.root, program), "engine/bad.c:2")


class TestLengths(RuleTest):
    def test_a_long_function_is_found_and_named(self):
        self.write("lang/a.c", "int twice(int x)\n{\n" + "    x++;\n" * 60 + "    return x;\n}\n")
        self.expect(lengths.check(self.root), "twice has 64 lines")

    def test_a_long_file_and_a_long_header_are_found(self):
        self.write("lang/a.c", "\n" * 701)
        self.write("lang/a.h", "\n" * 201)
        self.expect(lengths.check(self.root), "701 lines", "201 lines")

    def test_tables_and_comments_are_no_functions(self):
        self.write("lang/a.c", "static const int table[] = {\n" + "    1,\n" * 100 + "};\n/* f() {\n" + "\n" * 80 + "} */\n")
        self.expect(lengths.check(self.root))

    def test_braces_in_strings_and_directives_do_not_confuse_it(self):
        text = '#define OPEN {\nint f(void)\n{\n    return "}"[0] == \'{\';\n}\nint g(void)\n{\n    return 1;\n}\n'
        names = [source.name_of(unit) for unit in source.functions(text)]
        self.assertEqual(["f", "g"], names)


class TestBanned(RuleTest):
    def test_banned_functions_are_found_anywhere(self):
        self.write("tests/unit/a.c", "void f(char *d) { strcpy(d, d); }\n")
        self.expect(banned.check(self.root), "strcpy() is banned")

    def test_a_library_may_not_print_or_exit_but_a_program_may(self):
        body = 'void f(void) { printf("x"); exit(1); }\n'
        self.write("lang/a.c", body)
        self.write("lang/policyc/a.c", body)
        self.expect(banned.check(self.root), "printf() in a library", "exit() in a library")

    def test_comments_members_and_longer_names_pass(self):
        self.write("lang/a.c", "/* strcpy(a) */ int f(struct x *x) { return x->puts(1) + my_strcpy(2) + snprintf(0, 0, 0); }\n")
        self.expect(banned.check(self.root))


class TestState(RuleTest):
    def test_mutable_state_is_found_at_file_scope_and_inside_functions(self):
        self.write("gateway/a.c", "static int counter;\nint shared = 3;\nstatic const char *last;\n"
                   "static struct x table[] = { {1} };\nint f(void)\n{\n    static int calls;\n    static int (*hook)(void);\n"
                   "    return ++calls;\n}\n")
        self.expect(state.check(self.root), "counter", "shared", "last", "table", "calls", "hook")

    def test_constants_types_and_prototypes_pass(self):
        self.write("gateway/a.c", "static const int limit = 3;\nstatic const char *const names[] = { \"a\" };\n"
                   "struct x { int y; };\nenum z { A };\ntypedef int (*call)(void);\nint f(void);\nstruct x;\n"
                   "static int g(int a);\nextern const int other;\nconst struct x ops = { .y = 1 };\n"
                   "int f(void)\n{\n    static const int table[] = {1};\n    static int (*const calls[])(void) = {f};\n    return table[0];\n}\n")
        self.expect(state.check(self.root))


class TestMirror(RuleTest):
    def test_a_test_of_nothing_is_found(self):
        self.write("engine/base/buf.c", "")
        self.write("engine/include/dvara/str.h", "")
        self.write("tests/unit/engine/base/test_buf.c", "")
        self.write("tests/unit/engine/test_str.c", "")
        self.write("tests/unit/engine/base/test_gone.c", "")
        self.write("tests/unit/lang/extra.c", "")
        self.expect(mirror.check(self.root), "test_gone.c: tests no source file", "begins with test_")


class TestHeaders(RuleTest):
    def test_a_header_that_needs_another_is_found(self):
        self.write("lang/a.h", LICENCE + "#ifndef A\n#define A\nsize_t f(void);\n#endif\n")
        self.write("lang/b.h", LICENCE + "#ifndef B\n#define B\n#include <stddef.h>\nsize_t f(void);\n#endif\n")
        self.expect(headers.check(self.root), "lang/a.h: does not compile alone")

    def test_a_header_without_a_guard_is_found(self):
        self.write("lang/a.h", "struct a { int b; };\n")
        self.expect(headers.check(self.root), "does not compile alone")

    def test_a_source_file_that_hides_its_header_is_found(self):
        self.write("lang/a.h", "#ifndef A\n#define A\n#endif\n")
        self.write("lang/a.c", '#include <stdio.h>\n#include "lang/a.h"\n')
        self.expect(headers.check(self.root), "includes its own header first")


class TestPapers(RuleTest):
    def test_a_missing_licence_line_is_found(self):
        self.write("tools/a.sh", "#!/bin/sh\necho\n")
        self.write("tools/b.sh", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n")
        self.expect(papers.check_licence(self.root), "a.sh")

    def test_a_folder_without_a_readme_is_found(self):
        self.write("engine/vm/run.c", LICENCE)
        self.write("engine/README.md", "x")
        self.expect(papers.check_readmes(self.root), "engine/vm/")

    def test_words_that_stay_out_are_found(self):
        self.write("docs/a.md", "see " + papers.WORDS[0] + "x\n")
        self.write("lang/a.c", LICENCE + "/* TO" + "DO later */\n")
        self.expect(papers.check_words(self.root), "stays out", "finish it")


class TestDocuments(RuleTest):
    def test_dead_links_and_anchors_are_found(self):
        self.write("docs/a.md", "# The house\n[a](b.md) [b](#the-house) [c](#gone) [d](a.md#the-house) [e](https://x.org/)\n")
        self.expect(documents.check_links(self.root), "dead link to b.md", "no heading for #gone")

    def test_a_command_that_does_not_exist_is_found(self):
        self.write("tools/real.sh", "")
        self.write("README.md", "```sh\ntools/real.sh --x\n$ tools/gone.sh   # no\nA=1 build/release/bin/dvara-policyc fly\n"
                   "build/release/bin/dvara-policyc check --fast x\n```\n")
        self.program("case $1 in check) echo 'usage: check [--format F]';; *) echo 'commands: check lint';; esac")
        self.expect(documents.check_commands(self.root, self.root / "build"),
                    "no file tools/gone.sh", "no command `fly`", "no option `--fast`")

    def program(self, script):
        self.write("build/bin/dvara-policyc", "#!/bin/sh\n" + script + "\n")
        os.chmod(self.root / "build/bin/dvara-policyc", 0o755)

    def test_a_manual_page_that_leaves_out_or_invents_is_found(self):
        self.program("echo 'commands:'; echo '  check  reports errors'; echo '  lint   more  --fix'")
        self.write("docs/man/dvara-policyc.1", ".It Cm check\n.Fl -fix\n.Fl -fast\n.It Cm fly\n")
        self.expect(manuals.check(self.root, documents.Programs(self.root / "build")),
                    "nothing about the command `lint`", "no command `fly`", "no option --fast")

    def test_an_option_that_no_manual_page_tells_is_found(self):
        self.program("case $1 in lint) printf '  -k NAME  one\\n  -o, --output FILE  where\\n  --fix   writes\\n';; "
                     "*) echo '  lint   finds'; echo '  --version  prints'; echo '  --help  this';; esac")
        self.write("docs/man/dvara-policyc.1", ".Nm\n.Fl -help | -version\n.It Cm lint\n.Fl o Ar file\n")
        self.expect(manuals.check(self.root, documents.Programs(self.root / "build")),
                    "says nothing about the option --fix", "says nothing about the option --output",
                    "says nothing about the option -k")

    def test_a_policy_that_does_not_compile_is_found(self):
        self.write("README.md", "```dvp\nrule x {}\n```\n")
        self.program("echo '-:1:1: error[E0101]: no'; exit 1")
        self.expect(documents.check_policies(self.root, self.root / "build"), "does not pass check")

    def test_a_policy_that_fails_otherwise_than_it_says_is_found(self):
        self.write("README.md", "```dvp\nx # error E0204\n```\n")
        self.program("echo '-:1:1: error[E0101]: no'; exit 1")
        self.expect(documents.check_policies(self.root, self.root / "build"), "says ['E0204']")
        self.program("echo '-:1:1: error[E0204]: no'; exit 1")
        self.expect(documents.check_policies(self.root, self.root / "build"))


class TestTables(RuleTest):
    def test_a_table_that_differs_is_found_and_filled(self):
        self.write("lang/x.def", 'ROW(ONE, 1, "the first, \\"quoted\\"")\nROW(TWO, F(2, 3), "a"\n    "b")\n')
        self.write("docs/a.md", "<!-- table lang/x.def ROW: Name=`0` | Value=1 | Text=2 -->\nold\n<!-- end -->\n")
        self.expect(tables.check(self.root), "a table differs")
        subprocess.run(["python3", "-B", TOOLS / "docs_tables.py", "--root", self.root], check=True)
        self.assertIn('| `ONE` | 1 | the first, "quoted" |\n| `TWO` | F(2, 3) | ab |\n', (self.root / "docs/a.md").read_text())
        self.expect(tables.check(self.root))

    def test_a_table_of_nothing_is_found(self):
        self.write("lang/x.def", "")
        self.write("docs/a.md", "<!-- table lang/x.def ROW: Name=0 -->\n<!-- end -->\n")
        self.expect(tables.check(self.root), "has no row")

    def setUp(self):
        super().setUp()
        self.write("tools/docs_tables.py", (TOOLS / "docs_tables.py").read_text())


class TestDiagnostics(RuleTest):
    def test_a_missing_an_extra_and_a_misnamed_page_are_found(self):
        self.write("lang/messages.def", 'MESSAGE(A, "E0101", "not-text", "x")\nMESSAGE(B, "E0102", "syntax", "x")\n')
        self.write("docs/diagnostics/E0102.md", "# E0102: grammar\n")
        self.write("docs/diagnostics/E0199.md", "# E0199: gone\n")
        self.expect(diagnostics.check(self.root), "E0101.md: is missing", "no such code", "begins with `# E0102: syntax`")


class TestSymbols(RuleTest):
    def compile(self, text, *flags):
        self.write("a.c", text)
        subprocess.run(["cc", "-w", "a.c", *flags], cwd=self.root, check=True)

    def test_a_pattern_compiler_in_the_gateway_is_found(self):
        self.compile("int hs_compile(void) { return 0; }\nint main(void) { return hs_compile(); }\n", "-o", "dvara-gateway")
        self.expect(symbols.check_gateway(self.root / "dvara-gateway"), "hs_compile")

    def test_the_pattern_compiling_library_is_found(self):
        self.compile("int hs_compile(void);\nint main(void) { return hs_compile(); }\n", "-o", "dvara-gateway", "-lhs")
        problems = symbols.check_gateway(self.root / "dvara-gateway")
        self.assertTrue(any("libhs.so" in problem for problem in problems), problems)

    def test_a_library_that_prints_is_found(self):
        self.compile('#include <stdio.h>\n#define SAY printf\nvoid f(int x) { SAY("%d", x); }\n', "-c", "-o", "a.o")
        subprocess.run(["ar", "rc", "liba.a", "a.o"], cwd=self.root, check=True)
        self.expect(symbols.check_archive(self.root / "liba.a"), "calls printf")

    def test_a_name_exported_twice_is_found(self):
        for archive, text in (("liba.a", "int f(void) { return 1; }\nint bind(void) { return 2; }\n"),
                              ("libb.a", "int f(void) { return 3; }\n")):
            self.compile(text, "-c", "-o", "a.o")
            subprocess.run(["ar", "rc", archive, "a.o"], cwd=self.root, check=True)
        self.compile("int main(void) { return 0; }\n", "-o", "program")
        archives = [self.root / "liba.a", self.root / "libb.a"]
        self.expect(symbols.check_names(archives, self.root / "program"),
                    "libb.a exports f, which liba.a does too", "liba.a exports bind, which libc.so.6 does too")


if __name__ == "__main__":
    unittest.main()
