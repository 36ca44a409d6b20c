# SPDX-License-Identifier: Apache-2.0
"""The language server, driven over its protocol by a client library."""

import asyncio
import os
import pathlib
import shutil
import tempfile
import unittest

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

PROGRAM = str(pathlib.Path(os.environ["DVARA_BUILD"]) / "bin/dvara-policyc")
SECONDS = 60

POLICY = """dvp 1
package acme

## Tenants of the European Union.
let eu_only = (tenant.region ?? "eu") == "eu"

provider azure_eu { zone "eu" }
detector badge { pattern /\\bEMP-[0-9]{6}\\b/ }
rule residency {
  on target
  when eu_only and target.zone != "eu"
  exclude
  reason "{tenant.id} stays"
}
rule tools_named { on request when any t in request.tools { t.name == "x" } deny reason "no" }
rule hide { on request when pii.found(badge) redact badge }
route chat { match request.endpoint == "chat" strategy failover target "azure_eu/gpt-4o" }
test "stays" { given { request: { model: "gpt-4o" } } expect allow }
"""


def position(text, needle, after=False, nth=0):
    at = -1
    for _ in range(nth + 1):
        at = text.index(needle, at + 1)
    at += len(needle) if after else 0
    line = text.count("\n", 0, at)
    start = text.rfind("\n", 0, at) + 1
    return lsp.Position(line, len(text[start:at].encode("utf-16-le")) // 2)


class Client(LanguageClient):
    """Keeps what the server says of each file."""

    def __init__(self):
        super().__init__("tests", "1")
        self.diagnostics = {}
        self.told = asyncio.Event()

        @self.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def keep(params):
            self.diagnostics[params.uri] = params
            self.told.set()


class LspTest(unittest.IsolatedAsyncioTestCase):
    files = {"main.dvp": POLICY}
    encodings = None

    async def asyncSetUp(self):
        self.folder = pathlib.Path(os.path.realpath(tempfile.mkdtemp()))
        for name, text in self.files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")
        self.client = Client()
        await self.client.start_io(PROGRAM, "lsp", "--stdio")
        general = lsp.GeneralClientCapabilities(position_encodings=self.encodings)
        self.server = await self.wait(self.client.initialize_async(lsp.InitializeParams(
            capabilities=lsp.ClientCapabilities(general=general), root_uri=self.folder.as_uri(),
            workspace_folders=[lsp.WorkspaceFolder(self.folder.as_uri(), "w")])))
        self.client.initialized(lsp.InitializedParams())
        self.texts = {}
        self.version = 0

    async def asyncTearDown(self):
        await self.wait(self.client.shutdown_async(None))
        self.client.exit(None)
        await self.wait(self.client.stop())
        shutil.rmtree(self.folder)

    async def wait(self, future):
        return await asyncio.wait_for(future, SECONDS)

    def uri(self, name="main.dvp"):
        return (self.folder / name).as_uri()

    def document(self, name="main.dvp"):
        return lsp.TextDocumentIdentifier(self.uri(name))

    def open(self, text=None, name="main.dvp"):
        self.texts[name] = text if text is not None else (self.folder / name).read_text()
        self.client.told.clear()
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(
            lsp.TextDocumentItem(self.uri(name), "dvp", 1, self.texts[name])))

    def change(self, text, name="main.dvp", changes=None):
        self.version += 1
        self.texts[name] = text
        self.client.told.clear()
        whole = [lsp.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(uri=self.uri(name), version=self.version), changes or whole))

    async def told(self, name="main.dvp"):
        await self.wait(self.client.told.wait())
        return self.client.diagnostics[self.uri(name)].diagnostics

    def at(self, needle, after=False, nth=0, name="main.dvp"):
        return {"text_document": self.document(name),
                "position": position(self.texts[name], needle, after, nth)}


class TestDiagnostics(LspTest):
    async def test_a_clean_file_has_no_errors_and_a_broken_one_says_where(self):
        self.open()
        self.assertFalse([d for d in await self.told() if d.severity == lsp.DiagnosticSeverity.Error])
        broken = POLICY.replace("tenant.region", "tenant.regoin")
        self.change(broken)
        errors = [d for d in await self.told() if d.severity == lsp.DiagnosticSeverity.Error]
        self.assertEqual(["E0201"], [d.code for d in errors])
        self.assertEqual(position(broken, "tenant.regoin"), errors[0].range.start)
        self.assertEqual(position(broken, "tenant.regoin", after=True), errors[0].range.end)
        self.change(POLICY)
        self.assertFalse([d for d in await self.told() if d.severity == lsp.DiagnosticSeverity.Error])

    async def test_a_fix_is_a_quick_fix(self):
        broken = POLICY.replace("tenant.region", "tenant.regoin")
        self.open(broken)
        await self.told()
        actions = await self.wait(self.client.text_document_code_action_async(lsp.CodeActionParams(
            self.document(), lsp.Range(position(broken, "regoin"), position(broken, "regoin")),
            lsp.CodeActionContext([]))))
        edits = actions[0].edit.changes[self.uri()]
        self.assertEqual(["tenant.region"], [edit.new_text for edit in edits])

    async def test_lints_are_told_as_the_command_tells_them(self):
        self.open(POLICY + "let unused = true\n")
        codes = {d.code for d in await self.told()}
        self.assertIn("L0103", codes)

    async def test_levels_of_dvplint_hold_in_the_editor_too(self):
        (self.folder / ".dvplint").write_text("unused off\n")
        self.open(POLICY + "let unused = true\n")
        self.assertNotIn("L0103", {d.code for d in await self.told()})

    async def test_small_edits_add_up_to_the_editors_text(self):
        self.open()
        await self.told()
        place = position(POLICY, "tenant.region", after=True)
        changed = POLICY.replace("tenant.region", "tenant.regionx", 1)
        self.change(changed, changes=[lsp.TextDocumentContentChangePartial(
            text="x", range=lsp.Range(place, place))])
        self.assertEqual(["E0201"], [d.code for d in await self.told()
                                     if d.severity == lsp.DiagnosticSeverity.Error])
        end = lsp.Position(place.line, place.character + 1)
        self.change(POLICY, changes=[lsp.TextDocumentContentChangePartial(
            text="", range=lsp.Range(place, end))])
        self.assertFalse([d for d in await self.told() if d.severity == lsp.DiagnosticSeverity.Error])


class TestNames(LspTest):
    async def test_hover_tells_declarations_attributes_functions_and_effects(self):
        self.open()
        for needle, nth, told in [("eu_only", 1, "Tenants of the European Union."),
                                  ("target.zone", 0, "Phases: "),
                                  ("exclude", 0, "takes a candidate target out")]:
            hover = await self.wait(self.client.text_document_hover_async(
                lsp.HoverParams(**self.at(needle, nth=nth))))
            self.assertIn(told, hover.contents.value)

    async def test_a_name_leads_to_its_declaration_and_to_its_uses(self):
        self.open()
        for needle, nth, place in [("eu_only", 1, ("eu_only", 0)), ("badge", 2, ("badge", 0)),
                                   ("azure_eu", 1, ("azure_eu", 0)), ("t.name", 0, ("t in", 0))]:
            found = await self.wait(self.client.text_document_definition_async(
                lsp.DefinitionParams(**self.at(needle, nth=nth))))
            self.assertEqual(position(POLICY, place[0], nth=place[1]), found.range.start, needle)
        found = await self.wait(self.client.text_document_references_async(lsp.ReferenceParams(
            context=lsp.ReferenceContext(True), **self.at("badge"))))
        self.assertEqual([position(POLICY, "badge", nth=i) for i in range(3)],
                         sorted((r.range.start for r in found), key=lambda p: p.line * 1000 + p.character))

    async def test_a_rename_changes_every_place_and_refuses_what_is_no_name(self):
        self.open()
        changed = await self.wait(self.client.text_document_rename_async(lsp.RenameParams(
            new_name="europe", **self.at("eu_only"))))
        self.assertEqual(2, len(changed.changes[self.uri()]))
        changed = await self.wait(self.client.text_document_rename_async(lsp.RenameParams(
            new_name="azure", **self.at("azure_eu"))))
        text = apply(POLICY, changed.changes[self.uri()])
        self.assertIn('target "azure/gpt-4o"', text)
        for bad in ("Two Words", "and", ""):
            with self.assertRaises(Exception):
                await self.wait(self.client.text_document_rename_async(lsp.RenameParams(
                    new_name=bad, **self.at("eu_only"))))

    async def test_symbols_of_the_document_and_the_workspace(self):
        self.open()
        found = await self.wait(self.client.text_document_document_symbol_async(
            lsp.DocumentSymbolParams(self.document())))
        self.assertEqual(["eu_only", "azure_eu", "badge", "residency", "tools_named", "hide", "chat", "stays"],
                         [symbol.name for symbol in found])
        found = await self.wait(self.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("RESID")))
        self.assertEqual(["residency"], [symbol.name for symbol in found])

    async def test_semantic_tokens_cover_the_text_in_order(self):
        self.open()
        found = await self.wait(self.client.text_document_semantic_tokens_full_async(
            lsp.SemanticTokensParams(self.document())))
        legend = self.server.capabilities.semantic_tokens_provider.legend.token_types
        line = character = 0
        seen = {}
        lines = POLICY.split("\n")
        for i in range(0, len(found.data), 5):
            delta_line, delta, length, kind, _ = found.data[i:i + 5]
            line, character = line + delta_line, delta if delta_line else character + delta
            seen.setdefault(lines[line][character:character + length], legend[kind])
        self.assertEqual("keyword", seen["rule"])
        self.assertEqual("variable", seen["eu_only"])
        self.assertEqual("class", seen["badge"])
        self.assertEqual("comment", seen["## Tenants of the European Union."])
        self.assertEqual("regexp", seen["/\\bEMP-[0-9]{6}\\b/"])
        self.assertEqual("property", seen["region"])


def apply(text, edits):
    lines = text.split("\n")
    offset = lambda p: sum(len(l) + 1 for l in lines[:p.line]) + p.character
    for edit in sorted(edits, key=lambda e: -offset(e.range.start)):
        text = text[:offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end):]
    return text


class TestCompletion(LspTest):
    async def offered(self, text, needle, **more):
        if "main.dvp" in self.texts:
            self.change(text)
        else:
            self.open(text)
        found = await self.wait(self.client.text_document_completion_async(
            lsp.CompletionParams(**self.at(needle, after=True))))
        return {item.label for item in found or []}

    async def test_each_place_offers_what_may_stand_there(self):
        head = 'dvp 1\ndefault allow\nlet mine = true\ndetector badge { pattern /x/ max_span 9 }\n'
        for text, needle, some, none in [
                ("rule a { on requ }", "on requ", {"request", "target", "tool", "response"}, {"mine", "deny"}),
                ("rule a { on request when mi deny }", "when mi",
                 {"mine", "request.model", "len", "any"}, {"badge", "deny"}),
                ("rule a { on request when request.mo deny }", "request.mo", {"request.model"}, {"mine"}),
                ("rule a { on request when pii.found(ba) deny }", "found(ba", {"badge"}, {"mine"}),
                ("rule a { on request redact ba }", "redact ba", {"badge"}, {"mine"}),
                ("rule a { on request redact badge with to }", "with to", {"token", "mask"}, {"mine"}),
                ("rule a { on request de }", "request de", {"deny", "reason", "when"}, {"mine"}),
                ("route a { strategy fa }", "strategy fa", {"failover", "weighted"}, {"mine"}),
                ("ru", "\nru", {"rule", "let", "route", "import"}, {"mine"}),
                ('test "t" { given { request: { mo: 1 } } expect allow }', "{ mo", {"model"}, {"mine"})]:
            offered = await self.offered(head + text + "\n", needle)
            self.assertLessEqual(some, offered, text)
            self.assertFalse(none & offered, text)

    async def test_a_declaration_that_is_being_typed_has_no_end_yet(self):
        head = 'dvp 1\ndefault allow\nlet mine = true\n'
        for text, needle, some in [
                ("rule a { on request when request.", "when request.", {"request.model"}),
                ("rule a {\n  on request\n  when mi\n}\n\nlet other = 1", "when mi", {"mine", "other", "tenant.id"}),
                ("rule a { on request when any t in request.tools { t.", "{ t.", {"name"}),
                ('test "t" { given { request: { ', "request: { ", {"model", "messages"}),
                ('test "t" { given { }', "given { ", {"request", "tenant", "faults"})]:
            self.assertLessEqual(some, await self.offered(head + text + "\n", needle), text)

    async def test_attributes_are_those_of_the_phases_the_rule_names(self):
        head = "dvp 1\ndefault allow\n"
        for phases, some, none in [
                ("request", {"request.model"}, {"target.zone", "response.text", "tool.name"}),
                ("target", {"request.model", "target.zone"}, {"response.text", "tool.name"}),
                ("request, response", {"request.model"}, {"response.text", "target.zone"})]:
            offered = await self.offered(head + f"rule a {{ on {phases} when  }}\n", "when ")
            self.assertLessEqual(some, offered, phases)
            self.assertFalse(none & offered, phases)

    async def test_a_template_offers_what_may_be_shown(self):
        head = 'dvp 1\ndefault allow\nlet short = tenant.id\nlet long = request.text\n'
        offered = await self.offered(head + 'rule a { on request deny reason "no {te}" }\n', "{te")
        self.assertLessEqual({"tenant.id", "short"}, offered)
        self.assertFalse({"request.text", "long", "len"} & offered)

    async def test_an_import_offers_files_and_a_target_providers(self):
        (self.folder / "parts").mkdir()
        (self.folder / "parts" / "more.dvp").write_text("dvp 1\n", encoding="utf-8")
        self.assertLessEqual({"./parts/more.dvp", "pii/identity"}, await self.offered('dvp 1\nimport ""\n', 'import "'))
        offered = await self.offered('dvp 1\nprovider local {}\nroute r { target "" }\n', 'target "')
        self.assertEqual({"local/"}, offered)

    async def test_strings_offer_models_and_comments_nothing(self):
        head = 'dvp 1\ndefault allow\nmodel "openai/gpt-4o" { input $1.00 }\n'
        offered = await self.offered(head + 'route a { target "op" }\n', 'target "op')
        self.assertEqual({"openai/gpt-4o"}, offered)
        self.assertEqual(set(), await self.offered(head + "# a com\n", "# a com"))


class TestProgram(LspTest):
    files = {"main.dvp": 'dvp 1\nimport "./lib/part.dvp"\ndefault allow\n'
                         'rule a { on request when shared deny reason "no" }\n'
                         'test "denied" { given { request: { model: "m" } } expect deny }\n',
             "lib/part.dvp": "dvp 1\nlet shared = request.model == \"m\"\n"}

    async def test_an_unsaved_text_of_another_file_counts(self):
        self.open()
        self.assertFalse([d for d in await self.told() if d.severity == lsp.DiagnosticSeverity.Error])
        self.open("dvp 1\nlet renamed = true\n", name="lib/part.dvp")
        self.client.told.clear()
        self.change(self.files["main.dvp"])
        self.assertIn("E0201", {d.code for d in await self.told()})

    async def test_a_definition_stands_in_another_file(self):
        self.open()
        found = await self.wait(self.client.text_document_definition_async(
            lsp.DefinitionParams(**self.at("shared"))))
        self.assertEqual((self.uri("lib/part.dvp"), 1), (found.uri, found.range.start.line))

    async def test_a_lens_runs_its_test(self):
        self.open()
        lenses = await self.wait(self.client.text_document_code_lens_async(
            lsp.CodeLensParams(self.document())))
        command = lenses[0].command
        result = await self.wait(self.client.workspace_execute_command_async(
            lsp.ExecuteCommandParams(command.command, command.arguments)))
        self.assertIs(True, result["passed"] if isinstance(result, dict) else result.passed)

    async def test_formatting_is_what_fmt_writes(self):
        self.open("dvp 1\nlet   a =   1\n")
        edits = await self.wait(self.client.text_document_formatting_async(lsp.DocumentFormattingParams(
            self.document(), lsp.FormattingOptions(2, True))))
        self.assertEqual("dvp 1\n\nlet a = 1\n", apply("dvp 1\nlet   a =   1\n", edits))
        self.change("dvp 1\nlet = = 1\n")
        with self.assertRaises(Exception):
            await self.wait(self.client.text_document_formatting_async(lsp.DocumentFormattingParams(
                self.document(), lsp.FormattingOptions(2, True))))


class TestWide(LspTest):
    async def test_characters_are_counted_in_utf16(self):
        text = 'dvp 1\ndefault allow\nlet a = "😀é" == tenant.nme\n'
        self.open(text)
        errors = [d for d in await self.told() if d.code == "E0201"]
        self.assertEqual(position(text, "tenant.nme"), errors[0].range.start)


class TestBytes(LspTest):
    encodings = [lsp.PositionEncodingKind.Utf8, lsp.PositionEncodingKind.Utf16]

    async def test_characters_are_bytes_where_the_client_can(self):
        self.assertEqual("utf-8", self.server.capabilities.position_encoding)


if __name__ == "__main__":
    unittest.main()
