# SPDX-License-Identifier: Apache-2.0
"""The TextMate grammar colours every literal and comment of real policies as the lexer reads them."""

import json
import os
import pathlib
import subprocess
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAM = pathlib.Path(os.environ["DVARA_BUILD"]) / "bin/dvara-policyc"
GRAMMAR = ROOT / "editors/vscode/syntaxes/dvp.tmLanguage.json"
FILES = sorted([*ROOT.glob("policies/**/*.dvp"), *ROOT.glob("examples/**/*.dvp"),
                *ROOT.glob("tests/language/format/*.dvp")])

# The kinds of the server's tokens whose scope must begin so; keywords and names are finer there.
SCOPES = {"comment": "comment.", "string": "string.quoted", "number": "constant.numeric", "regexp": "string.regexp"}


def frame(message):
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def messages(output):
    while output:
        head, _, rest = output.partition(b"\r\n\r\n")
        size = int(head.split(b":")[1])
        yield json.loads(rest[:size])
        output = rest[size:]


def server_tokens(files):
    """For each file: (line, start, length, kind) as the language server has them."""
    said = [frame({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {}})]
    for number, file in enumerate(files, 1):
        document = {"uri": file.as_uri(), "languageId": "dvp", "version": 1, "text": file.read_text("utf-8")}
        said.append(frame({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}))
        said.append(frame({"jsonrpc": "2.0", "id": number, "method": "textDocument/semanticTokens/full",
                           "params": {"textDocument": {"uri": document["uri"]}}}))
    said.append(frame({"jsonrpc": "2.0", "id": -1, "method": "shutdown"}))
    said.append(frame({"jsonrpc": "2.0", "method": "exit"}))
    output = subprocess.run([PROGRAM, "lsp"], input=b"".join(said), stdout=subprocess.PIPE, timeout=120, check=True)
    answers = {m["id"]: m["result"] for m in messages(output.stdout) if "result" in m}
    legend = answers[0]["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"]
    for number in range(1, len(files) + 1):
        line = character = 0
        found = []
        data = answers[number]["data"]
        for i in range(0, len(data), 5):
            line, character = line + data[i], data[i + 1] if data[i] else character + data[i + 1]
            found.append((line, character, data[i + 2], legend[data[i + 3]]))
        yield found


def grammar_tokens(files):
    output = subprocess.run(["node", HERE / "node/tokens.mjs", GRAMMAR, *files], stdout=subprocess.PIPE, text=True,
                            timeout=120, check=True).stdout
    return [json.loads(line) for line in output.splitlines()]


def scopes_at(line, character):
    return next((scopes for start, end, scopes in line if start <= character < end), [])


class TestGrammar(unittest.TestCase):
    def test_literals_and_comments_are_what_the_lexer_says(self):
        compared = 0
        for file, tokens, lines in zip(FILES, server_tokens(FILES), grammar_tokens(FILES)):
            for line, start, length, kind in tokens:
                if kind not in SCOPES:
                    continue
                for character in (start, start + length - 1):
                    scopes = scopes_at(lines[line], character)
                    self.assertTrue(any(s.startswith(SCOPES[kind]) for s in scopes),
                                    f"{file}:{line + 1}:{character + 1}: {kind} has {scopes}")
                compared += 1
        self.assertGreater(compared, 200)

    def test_nothing_else_is_coloured_as_a_literal(self):
        for file, tokens, lines in zip(FILES, server_tokens(FILES), grammar_tokens(FILES)):
            inside = {(line, c) for line, start, length, kind in tokens if kind in SCOPES
                      for c in range(start, start + length)}
            for number, line in enumerate(lines):
                for start, end, scopes in line:
                    if any(s.startswith(tuple(SCOPES.values())) for s in scopes):
                        for character in range(start, end):
                            self.assertIn((number, character), inside, f"{file}:{number + 1}: {scopes}")


if __name__ == "__main__":
    unittest.main()
