// SPDX-License-Identifier: Apache-2.0
// tokens.mjs GRAMMAR FILE...: a JSON line a file: for every line of it, [start, end, scopes] of each token.
import fs from "node:fs";
import { createRequire } from "node:module";
import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

const require = createRequire(import.meta.url);
const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));

const [path, ...files] = process.argv.slice(2);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(path, "utf8"), path),
});
const grammar = await registry.loadGrammar("source.dvp");
for (const file of files) {
  let state = textmate.INITIAL;
  const lines = fs.readFileSync(file, "utf8").split("\n").map((line) => {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    return result.tokens.map((token) => [token.startIndex, token.endIndex, token.scopes.slice(1)]);
  });
  console.log(JSON.stringify(lines));
}
