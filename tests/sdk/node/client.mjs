// SPDX-License-Identifier: Apache-2.0
// node client.mjs CASE: one case of the JavaScript client; URL, key in DVARA_URL, DVARA_KEY.
// Exit status 0 if the case holds; the names are those tests/sdk/test_node.py lists.
import assert from "node:assert/strict";
import OpenAI from "openai";

const SSN = "536-22-8726";
const TOOL = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather of a city",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

let sent = 0;
const counted = (...request) => {
  sent += 1;
  return fetch(...request);
};
const client = new OpenAI({ baseURL: process.env.DVARA_URL, apiKey: process.env.DVARA_KEY, fetch: counted });

const chat = (content, options = {}) =>
  client.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content }], ...options });

async function pieces(content, options = {}) {
  const chunks = [];
  for await (const chunk of await chat(content, { stream: true, ...options })) chunks.push(chunk);
  return chunks;
}

const textOf = (chunks) => chunks.map((chunk) => chunk.choices[0]?.delta?.content ?? "").join("");

const streamed = async (content, options = {}) => textOf(await pieces(content, options));

// A 403 of this code and rule, asked for once.
async function refused(asked, code, rule) {
  const error = await asked.then(() => null, (reason) => reason);
  assert.ok(error instanceof OpenAI.PermissionDeniedError);
  assert.equal(error.status, 403);
  assert.equal(error.code, code);
  assert.equal(error.error.rule, rule);
  assert.equal(sent, 1);
  return error;
}

const cases = {
  async chat() {
    const answer = await chat("Say hello.");
    assert.equal(answer.choices[0].finish_reason, "stop");
    assert.ok(answer.choices[0].message.content);
    assert.ok(answer.usage.total_tokens > 0);
  },
  async stream() {
    const whole = await chat("Say hello to everyone.");
    const chunks = await pieces("Say hello to everyone.");
    assert.equal(textOf(chunks), whole.choices[0].message.content);
    assert.ok(chunks.filter((chunk) => chunk.choices[0]?.delta?.content).length > 1);
    assert.equal(chunks.at(-1).choices[0].finish_reason, "stop");
  },
  async tool() {
    const answer = await chat("What is the weather in Oslo?", { tools: [TOOL] });
    assert.equal(answer.choices[0].finish_reason, "tool_calls");
    assert.equal(answer.choices[0].message.tool_calls[0].function.name, "get_weather");
  },
  async stream_tool() {
    let text = "";
    for await (const chunk of await chat("What is the weather in Oslo?", { tools: [TOOL], stream: true }))
      for (const call of chunk.choices[0]?.delta?.tool_calls ?? []) text += call.function?.arguments ?? "";
    assert.match(text, /Oslo/);
  },
  async denied() {
    const error = await refused(chat("hi", { model: "gpt-3.5-turbo" }), "model_not_allowed", "model_allowlist");
    assert.match(error.message, /not on the allow-list of tenant acme/);
  },
  async denied_stream() {
    await refused(chat("hi", { model: "gpt-3.5-turbo", stream: true }), "model_not_allowed", "model_allowlist");
  },
  async stream_denied_first() {
    await refused(streamed("hi", { model: "echo-1" }), "leak", "leak");
  },
  async stream_denied_in_the_middle() {
    const chunks = await pieces("hi", { model: "echo-1" });
    const text = textOf(chunks);
    assert.equal(chunks.findLast((chunk) => chunk.choices.length).choices[0].finish_reason, "content_filter");
    assert.ok(text.startsWith("harmless words, "));
    assert.ok(!text.includes("TOP SECRET"));
    assert.equal(sent, 1);
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.deepEqual(ids.sort(), ["echo-1", "gpt-4o"]);
  },
  async ssn_out() {
    const answer = await chat(`My SSN is ${SSN}.`, { model: "echo-1" });
    assert.equal(answer.choices[0].message.content, "My SSN is <US_SSN>.");
  },
  async ssn_back() {
    assert.equal((await chat("hi", { model: "echo-1" })).choices[0].message.content, "It is <US_SSN>.");
  },
  async ssn_stream() {
    assert.equal(await streamed("hi", { model: "echo-1" }), "It is <US_SSN>.");
  },
  async token() {
    const prompt = "Write to jane.roe@example.org please";
    assert.equal((await chat(prompt, { model: "echo-1" })).choices[0].message.content, prompt);
    assert.equal(await streamed(prompt, { model: "echo-1" }), prompt);
  },
  async token_url() {
    const text = await streamed("I am jane.roe@example.org", { model: "echo-1" });
    assert.equal(text, "Ask jane.roe@example.org at https://evil.example/?q=<EMAIL_1> now");
  },
};

await cases[process.argv[2]]();
