// SPDX-License-Identifier: Apache-2.0
// Starts the language server and runs the tests whose lens was clicked.
import * as vscode from "vscode";
import { ExecuteCommandRequest, LanguageClient, ServerOptions } from "vscode-languageclient/node";

interface TestResult {
  passed: boolean;
  output: string;
}

let client: LanguageClient | undefined;

function serverOptions(): ServerOptions {
  const settings = vscode.workspace.getConfiguration("dvp");
  const libraries = settings.get<string[]>("library", []).flatMap((folder) => ["--library", folder]);
  return { command: settings.get<string>("path", "dvara-policyc"), args: ["lsp", ...libraries] };
}

// The server's own answer to the command is shown where the user looks for test output.
function showTests(started: LanguageClient, context: vscode.ExtensionContext): void {
  const channel = vscode.window.createOutputChannel("dvp tests");
  const run = async (uri: string, name: string): Promise<void> => {
    await vscode.workspace.saveAll(false);
    const result = (await started.sendRequest(ExecuteCommandRequest.type, {
      command: "dvara.runTest",
      arguments: [uri, name],
    })) as TestResult;
    channel.appendLine(result.output);
    if (result.passed) {
      void vscode.window.setStatusBarMessage(`${name}: passed`, 5000);
    } else {
      channel.show(true);
    }
  };
  context.subscriptions.push(channel);
  context.subscriptions.push(vscode.commands.registerCommand("dvp.runTest", run));
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const started = new LanguageClient("dvp", "dvp", serverOptions(), {
    documentSelector: [{ language: "dvp" }],
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.dvp") },
    middleware: {
      // The client library registers the server's command names itself: the lens takes ours.
      provideCodeLenses: async (document, token, next) => {
        const lenses = (await next(document, token)) ?? [];
        for (const lens of lenses) {
          if (lens.command) {
            lens.command.command = "dvp.runTest";
          }
        }
        return lenses;
      },
    },
  });
  client = started;
  showTests(started, context);
  await started.start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
