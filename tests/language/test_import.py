# SPDX-License-Identifier: Apache-2.0
"""`dvara-policyc import`: what is carried decides as it should, what is not is told, and nothing of it is a credential."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))
PROGRAM = BUILD / "bin" / "dvara-policyc"
GATEWAY = BUILD / "bin" / "dvara-gateway"
SECONDS = 60
HASH = "sha256:" + "ab" * 32

LITELLM = """model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://eu.example.openai.azure.com/
      api_key: os.environ/AZURE_API_KEY_EU
      rpm: 6
      timeout: 30
    model_info: { input_cost_per_token: 0.0000025, output_cost_per_token: 1e-5, max_input_tokens: 128000, supports_vision: false }
  - model_name: gpt-4o
    litellm_params: { model: openai/gpt-4o, api_key: sk-literal-credential-1, rpm: 12, tags: [paid] }
  - model_name: claude
    litellm_params: { model: anthropic/claude-sonnet-4-5, api_key: os.environ/ANTHROPIC_API_KEY, max_retries: 5 }
  - model_name: ordered
    litellm_params: { model: openai/b, api_key: sk-literal-credential-2, order: 2 }
  - model_name: ordered
    litellm_params: { model: openai/a, api_key: sk-literal-credential-1, order: 1, extra_headers: { X-Team: credential-header } }
  - model_name: bed
    litellm_params: { model: bedrock/us.anthropic.claude, aws_secret_access_key: credential-aws }
  - model_name: "groq/*"
    litellm_params: { model: "groq/*", api_key: os.environ/GROQ_API_KEY }
router_settings:
  routing_strategy: simple-shuffle
  num_retries: 2
  retry_after: 0.5
  cooldown_time: 30
  model_group_alias: { gpt-4: gpt-4o }
litellm_settings:
  drop_params: true
  request_timeout: 600
  fallbacks: [{ gpt-4o: [claude, ordered] }, { claude: [gpt-4o] }]
  max_budget: 100
  budget_duration: 30d
general_settings:
  master_key: credential-master
  database_url: "postgresql://user:credential-db@host/db"
  global_max_parallel_requests: 50
guardrails:
  - guardrail_name: pii
    litellm_params:
      guardrail: presidio
      mode: pre_call
      default_on: true
      pii_entities_config: { EMAIL_ADDRESS: MASK, CREDIT_CARD: BLOCK, PERSON: MASK }
      presidio_score_thresholds: { CREDIT_CARD: 0.8 }
  - guardrail_name: later
    litellm_params: { guardrail: presidio, mode: [pre_call, post_call], pii_entities_config: { US_SSN: MASK } }
  - guardrail_name: lakera
    litellm_params: { guardrail: lakera_v2, mode: during_call, api_key: credential-lakera }
"""

PORTKEY = {
    "strategy": {"mode": "conditional", "conditions": [
        {"query": {"metadata.plan": {"$eq": "paid"}, "params.temperature": {"$gt": 0.7}}, "then": "best"},
        {"query": {"$or": [{"metadata.tier": {"$in": ["a", "b"]}}, {"params.model": {"$regex": "^gpt/4"}}]}, "then": "mix"},
        {"query": {"metadata.n": {"$gt": 5}}, "then": "best"}], "default": "cheap"},
    "cache": {"mode": "semantic"},
    "input_guardrails": [{"default.contains": {"operator": "none", "words": ["forbidden word"]}, "deny": True}, "gr-stored"],
    "targets": [
        {"name": "best", "virtual_key": "anthropic-prod", "override_params": {"model": "claude-opus-4-1", "max_tokens": 5}},
        {"name": "mix", "strategy": {"mode": "loadbalance"}, "targets": [
            {"provider": "openai", "api_key": "sk-credential", "weight": 0.7, "override_params": {"model": "gpt-4o"}},
            {"provider": "@groq-eu", "weight": 0.3, "override_params": {"model": "llama"}}]},
        {"name": "cheap", "strategy": {"mode": "fallback", "on_status_codes": [429]}, "retry": {"attempts": 2},
         "request_timeout": 10000, "targets": [
             {"override_params": {"model": "@openai-prod/gpt-4o-mini"}},
             {"strategy": {"mode": "loadbalance"}, "targets": [{"provider": "groq", "override_params": {"model": "x"}}]}]}]}

DVARA = f"""providers:
  - {{ name: openai, type: openai, api_key: "${{OPENAI_API_KEY}}" }}
  - {{ name: azure-eu, type: azure-openai, base_url: "https://eu.example.com", api_key: credential-azure, region: westeurope }}
  - {{ name: aws, type: bedrock, access_key: credential-aws }}
routes:
  - {{ id: gpt, model: gpt-4o, strategy: weighted, providers: [{{provider: openai, weight: 3}}, {{provider: azure-eu, weight: 1}}] }}
  - {{ id: can, model: gpt-4o-mini, strategy: canary, canary: {{ baseline-provider: openai, candidate-provider: azure-eu, split-pct: 10 }} }}
  - {{ id: pinned, model: "gpt-4*", provider: openai, pinned_model_version: gpt-4-0613, fallback: azure-eu }}
workspaces:
  - id: acme
    region: eu
    metadata: {{ pii.enabled: true, pii.action: TOKENIZE, "pii.custom-patterns.emp": 'EMP-\\d{{6}}', rate-limit.requests-per-minute: 60, color: blue }}
api_keys:
  - {{ key_hash: "{HASH}", workspace: acme, name: app, scopes: ["completions:write", "batches:write"] }}
policies:
  - id: base
    status: ACTIVE
    workspace: acme
    dsl: |
      version: "1"
      rules:
        - id: big
          priority: 10
          description: Only small ones
          conditions: {{ model: {{ denylist: [gpt-5] }}, max_tokens: {{ limit: 4000 }} }}
          deny_message: "too {{big}}"
        - id: eu
          conditions: {{ data_residency: {{ allowed_regions: [westeurope] }} }}
        - id: night
          conditions: {{ time_of_day: {{ timezone: Europe/Berlin, deny_hours: [{{start: "22:00", end: "06:00"}}] }} }}
          action: WARN_AGENT
          warn_message: late
        - id: cel
          expression: "context.x == 1"
rate_limits: {{ requests_per_minute: 100, requests_burst: 20 }}
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dvara-import-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_it(self, *arguments, code=0, given=None, program=PROGRAM, **environment):
        ran = subprocess.run([program, *arguments], cwd=self.folder, input=given or b"", capture_output=True,
                             timeout=SECONDS, check=False, env={**os.environ, **environment})
        self.assertEqual(code, ran.returncode, (arguments, ran.stdout[-500:], ran.stderr[-2000:]))
        return ran

    def take(self, form, text, code=0):
        """Imports the text; what was written is what every import must be."""
        given = text if isinstance(text, str) else json.dumps(text, indent=1)
        name = "in.json" if form == "portkey" else "in.yaml"
        (self.folder / name).write_text(given, encoding="utf-8")
        shutil.rmtree(self.folder / "out", ignore_errors=True)
        ran = self.run_it("import", form, name, "-o", "out", code=code)
        self.report = ran.stderr.decode()
        if code == 0:
            self.expect_good(self.report)
        return self.report

    def expect_good(self, report):
        policy = (self.folder / "out" / "policy.dvp").read_text(encoding="utf-8")
        config = (self.folder / "out" / "dvara.yaml").read_text(encoding="utf-8")
        self.policy, self.config = policy, config
        for path in sorted((self.folder / "out").glob("*.dvp")):
            self.run_it("check", path)
            self.run_it("fmt", "--check", path)
            self.run_it("lint", "--fail-level", "error", path)
        self.assertEqual([], re.findall(r"credential-\w+", policy + config + report), "a credential was copied")
        told = re.findall(r"^\S+?:(\d+): not carried: (\S+): .+$", report, re.M)
        self.assertRegex(report, r"carried \d+, not carried \d+\n$")
        for line, path in told[:900]:                  # comments stand for the first thousand
            self.assertTrue(re.search(rf"# .*not carried: {re.escape(path)}[ :]", policy) or "whole rule" in report, (line, path))
        for variable in re.findall(r"^#   (\w+)  ", config, re.M):
            self.assertRegex(config, rf"(?:api_key|token)_env: {variable}\b|\$\{{{variable}\}}")

    def check_gateway(self):
        variables = {name: "https://x.example" if "BASE" in name else HASH if "HASH" in name else "x" * 40
                     for name in re.findall(r"^#   (\w+)  ", self.config, re.M)}
        ran = subprocess.run([GATEWAY, "--check", "--config", "dvara.yaml"], cwd=self.folder / "out", capture_output=True,
                             timeout=SECONDS, check=False, env={**os.environ, **variables})
        self.assertEqual(0, ran.returncode, (ran.stdout, ran.stderr))

    def decide(self, **given):
        request = {"model": "gpt-4o", "messages": [{"role": "user", "text": "hi"}], **given.pop("request", {})}
        ran = subprocess.run([PROGRAM, "eval", "--format", "json", "--input", "-", "out/policy.dvp"], cwd=self.folder,
                             input=json.dumps({"request": request, **given}).encode(), capture_output=True, timeout=SECONDS, check=False)
        self.assertIn(ran.returncode, (0, 10), ran.stderr)
        return json.loads(ran.stdout)


class Imported(Case):
    """One import for all tests of the class."""

    FORM, TEXT = None, None

    @classmethod
    def setUpClass(cls):
        first = cls()
        Case.setUp(first)
        cls.addClassCleanup(shutil.rmtree, first.folder)
        first.take(cls.FORM, cls.TEXT)
        cls.folder, cls.policy, cls.config, cls.report = first.folder, first.policy, first.config, first.report

    def setUp(self):
        pass

    def take_another(self, text):
        Case.setUp(self)
        self.take(self.FORM, text)


class TestLitellm(Imported):
    FORM, TEXT = "litellm", LITELLM

    def test_the_gateway_takes_it(self):
        self.check_gateway()

    def test_deployments_of_one_name_are_targets_of_one_route(self):
        decided = self.decide()
        self.assertEqual("gpt_4o", decided["route"])
        self.assertEqual({"azure/gpt-4o-eu", "openai/gpt-4o"}, set(decided["targets"]))
        self.assertIn('target "azure/gpt-4o-eu" weight 6', self.policy)
        self.assertIn('target "openai/gpt-4o" weight 12', self.policy)

    def test_an_alias_takes_the_route(self):
        self.assertEqual("gpt_4o", self.decide(request={"model": "gpt-4"})["route"])

    def test_a_model_that_is_not_listed_is_refused(self):
        for model in ("gpt-5", "bed"):
            decided = self.decide(request={"model": model})
            self.assertEqual(("deny", "model_not_listed"), (decided["decision"], decided["code"]))

    def test_a_wildcard_lets_its_provider_serve_what_clients_name(self):
        self.assertIn("groq:\n", self.config)
        self.assertEqual(["groq/any"], self.decide(request={"model": "groq/any"})["targets"])

    def test_fallbacks_chain_through_other_routes_and_never_in_a_circle(self):
        self.assertRegex(self.policy, r"(?s)route gpt_4o \{.*?fallback gpt_4o_then_claude\n\}")
        self.assertRegex(self.policy, r"(?s)route gpt_4o_then_claude \{.*?fallback gpt_4o_then_ordered\n\}")
        down = {name: {"healthy": False} for name in ("azure/gpt-4o-eu", "openai/gpt-4o")}
        self.assertEqual("anthropic/claude-sonnet-4-5", self.decide(targets=down)["targets"][0])

    def test_order_is_failover_in_that_order(self):
        self.assertRegex(self.policy, r'(?s)route ordered \{.*?strategy failover\n  target "openai_\d/a"\n  target "openai_\d/b"')

    def test_prices_context_and_what_is_denied_become_a_model(self):
        self.assertIn('model "azure/gpt-4o-eu" {\n  input $2.5\n  output $10\n  context 128000\n  supports tools, json_schema\n}', self.policy)

    def test_retries_and_times(self):
        self.assertIn('retry 2 on "408", "409", "429", "5xx", timeout, connect, reset backoff 500ms', self.policy)
        self.assertIn("retry 5 on", self.policy)
        self.assertRegex(self.policy, r"(?s)route gpt_4o \{.*?timeout 30s")
        self.assertRegex(self.policy, r"(?s)route claude \{.*?timeout 600s")

    def test_presidio_masks_and_blocks(self):
        decided = self.decide(request={"messages": [{"role": "user", "text": "to a@example.org"}]})
        self.assertEqual(("allow", "to <EMAIL>"), (decided["decision"], decided["prompt"]))
        decided = self.decide(request={"messages": [{"role": "user", "text": "card 4111 1111 1111 1111"}]})
        self.assertEqual(("deny", "pii_detected"), (decided["decision"], decided["code"]))

    def test_a_guardrail_that_is_off_by_default_only_reports(self):
        self.assertRegex(self.policy, r"(?s)rule later \{.*?on request, response.*?mode report\n\}")

    def test_hide_secrets_redacts_what_the_library_knows(self):
        self.take_another("guardrails:\n  - guardrail_name: hide\n    litellm_params: { guardrail: hide-secrets, mode: pre_call, default_on: true }\n")
        decided = self.decide(request={"messages": [{"role": "user", "text": "AKIAQYLPMN5HHHFPZAM2"}]})
        self.assertNotIn("AKIAQYLPMN5HHHFPZAM2", decided["prompt"])

    def test_what_is_not_carried_stands_at_its_place_with_the_line(self):
        for told in ("in.yaml:7: not carried: model_list[0].litellm_params.rpm: ", f"in.yaml:{LITELLM.splitlines().index('  cooldown_time: 30') + 1}: not carried: router_settings.cooldown_time: ",
                     "pii_entities_config.PERSON: ", "guardrails[2]: ", "general_settings.database_url: "):
            self.assertIn(told, self.report)
        self.assertRegex(self.policy, r"(?s)route gpt_4o \{\n  # not carried: model_list\[0\]\.litellm_params\.rpm = 6 \(line 7\): ")
        self.assertIn("# route bed: not carried", self.policy)

    def test_two_credentials_are_two_variables(self):
        self.assertIn("api_key_env: OPENAI_API_KEY\n", self.config)
        self.assertIn("api_key_env: OPENAI_API_KEY_2\n", self.config)
        self.assertIn('hash: "${LITELLM_MASTER_KEY_HASH}"', self.config)
        self.assertIn('"X-Team": "${', self.config)

    def test_limits_and_budgets_stand_apart(self):
        limits = (self.folder / "out" / "limits.dvp").read_text(encoding="utf-8")
        self.assertIn("concurrent 50", limits)
        self.assertIn("amount $100 per month", limits)
        self.assertNotIn("concurrent", self.policy)

    def test_without_a_folder_all_is_printed(self):
        printed = self.run_it("import", "litellm", "in.yaml").stdout.decode()
        self.assertEqual(["policy.dvp", "limits.dvp", "dvara.yaml"], re.findall(r"^# ---- (\S+) ----$", printed, re.M))


class LiteLlmApart(Case):
    ONE = """model_list:
  - { model_name: a, litellm_params: { model: openai/gpt-4o, api_key: os.environ/X, rpm: 600 } }
  - { model_name: b, litellm_params: { model: openai/gpt-4o-mini, api_key: os.environ/X, weight: 3 } }
"""

    def test_a_single_deployment_with_a_weight_keeps_its_route(self):
        self.assertNotIn("does not compile", self.take("litellm", self.ONE))
        self.assertEqual(["openai/gpt-4o"], self.decide(request={"model": "a"})["targets"])
        self.assertEqual(["openai/gpt-4o-mini"], self.decide(request={"model": "b"})["targets"])

    def test_of_two_lists_of_fallbacks_the_one_that_is_not_carried_is_told(self):
        report = self.take("litellm", self.ONE + "litellm_settings: { fallbacks: [{ a: [a] }] }\n"
                           "router_settings: { fallbacks: [{ a: [b] }] }\n")
        self.assertIn("in.yaml:4: not carried: litellm_settings.fallbacks[0].a", report)
        self.assertNotIn("router_settings.fallbacks", report)

    def test_limits_of_an_import_before_are_told(self):
        limited = "general_settings: { max_parallel_requests: 5 }\n" + self.ONE
        self.take("litellm", limited)
        for text, told in ((limited, False), (self.ONE, True)):
            (self.folder / "in.yaml").write_text(text, encoding="utf-8")
            ran = self.run_it("import", "litellm", "in.yaml", "-o", "out")
            self.assertEqual(told, b"out/limits.dvp was there before" in ran.stderr, ran.stderr)


class TestPortkey(Imported):
    FORM, TEXT = "portkey", PORTKEY

    def test_the_gateway_takes_it(self):
        self.check_gateway()

    def test_conditions_choose_in_their_order(self):
        paid = {"metadata": {"plan": "paid"}, "temperature": 0.9}
        self.assertEqual(["anthropic_prod/claude-opus-4-1"], self.decide(request=paid)["targets"])
        self.assertEqual("cheap", self.decide(request={**paid, "temperature": 0.5})["route"])
        self.assertEqual("mix", self.decide(request={"metadata": {"tier": "b"}})["route"])
        self.assertEqual("mix", self.decide(request={"model": "gpt/4x"})["route"])
        self.assertEqual("cheap", self.decide()["route"])

    def test_loadbalance_is_weighted_and_fallback_a_chain(self):
        self.assertIn('target "openai/gpt-4o" weight 700', self.policy)
        self.assertIn('target "groq_eu/llama" weight 300', self.policy)
        self.assertRegex(self.policy, r"(?s)route cheap \{.*?retry 2 on \"429\", timeout, connect, reset\n.*?timeout 10s\n.*?fallback cheap_then\n\}")
        self.assertRegex(self.policy, r'(?s)route cheap_then \{.*?target "groq/x"')

    def test_a_guardrail_denies(self):
        decided = self.decide(request={"messages": [{"role": "user", "text": "a forbidden word"}]})
        self.assertEqual(("deny", "guardrail"), (decided["decision"], decided["code"]))

    def test_what_is_not_carried_is_told(self):
        for told in ("strategy.conditions[2]: ", "input_guardrails[1]: ", "cache: ", "override_params.max_tokens: "):
            self.assertIn(f"not carried: {told}" if told[0] in "sci" else told, self.report)

    def test_a_target_that_takes_the_clients_model_becomes_the_default_provider(self):
        self.take_another({"virtual_key": "openai-prod", "retry": {"attempts": 3}})
        self.assertIn("default_provider: openai_prod", self.config)

    def test_the_answer_of_the_api_is_unwrapped(self):
        self.take_another({"success": True, "data": {"config": {"strategy": {"mode": "fallback"}, "targets": [
            {"provider": "openai", "override_params": {"model": "a"}}, {"provider": "groq", "override_params": {"model": "b"}}]}}})
        self.assertEqual(["openai/a", "groq/b"], self.decide()["targets"])


class TestDvara(Imported):
    FORM, TEXT = "dvara", DVARA

    def test_the_gateway_takes_it(self):
        self.check_gateway()

    def test_routes_keep_their_order(self):
        self.assertIn('target "openai/gpt-4o" weight 3', self.policy)
        self.assertIn('target "azure_eu/gpt-4o-mini" as canary 10%', self.policy)
        self.assertEqual(["openai/gpt-4-0613", "azure_eu/gpt-4-0613"], self.decide(request={"model": "gpt-4-turbo"})["targets"])
        self.assertEqual("gpt", self.decide()["route"])

    def test_rules_of_policies_decide(self):
        acme = {"tenant": {"id": "acme"}}
        big = {"model": "gpt-5", "max_tokens": 5000}
        decided = self.decide(request=big, **acme)
        self.assertEqual(("deny", "too {big}"), (decided["decision"], decided["reason"]))
        self.assertNotIn("base_big", self.decide(request={**big, "max_tokens": 10}, **acme)["rules"])
        self.assertEqual("allow", self.decide(request=big)["decision"])
        self.assertEqual(["azure_eu/gpt-4o"], self.decide(**acme)["targets"])
        self.assertEqual(["late"], self.decide(time="2026-01-05T23:00:00Z", **acme)["warnings"])

    def test_a_rule_that_is_not_carried_whole_is_left_out_whole(self):
        self.assertIn("# rule base_cel: not carried", self.policy)
        self.assertIn("expression", self.report)

    def test_personal_data_of_a_workspace(self):
        text = {"messages": [{"role": "user", "text": "a@example.org EMP-123456"}]}
        self.assertEqual("<EMAIL_1> <EMP_1>", self.decide(request=text, tenant={"id": "acme"})["prompt"])
        self.assertEqual("a@example.org EMP-123456", self.decide(request=text)["prompt"])

    def test_keys_keep_their_hashes(self):
        self.assertIn(f'hash: "{HASH}"\n    scopes: ["completions:write"]', self.config)
        self.assertIn("there is no such scope", self.report)

    def test_an_export_in_json_is_the_same(self):
        export = {"mode": "merge", "config": {"providers": [{"name": "openai", "type": "openai", "apiKey": "sk-credential"}],
                                              "routes": [{"id": "r", "model": "m", "provider": "openai", "pinnedModelVersion": "m-1"}]}}
        self.take_another(json.dumps(export))
        self.assertEqual(["openai/m-1"], self.decide(request={"model": "m"})["targets"])


class TestHostile(Case):
    def refuse(self, text, told, form="litellm"):
        (self.folder / "h").write_bytes(text if isinstance(text, bytes) else text.encode())
        ran = self.run_it("import", form, "h", "-o", "out", code=1)
        self.assertRegex(ran.stderr.decode(), rf"^h:\d+: error: .*{told}")
        self.assertFalse((self.folder / "out").exists())

    def test_what_is_no_configuration_is_refused_with_its_place(self):
        self.refuse("a: 1\n", "no LiteLLM configuration")
        self.refuse("[1]", "no Portkey|is an object", "portkey")
        self.refuse("{}", "no Portkey config", "portkey")
        self.refuse("x: 1", "no configuration of the DVARA product", "dvara")
        self.refuse("model_list: {a: 1}", "a list")
        self.refuse("model_list: [\n", "")
        self.refuse("{\"strategy\": 1,\n\"strategy\": 2}", "", "portkey")
        self.refuse("model_list: []\nmodel_list: []\n", "a key stands twice")
        self.refuse("a: *nowhere\n", "names no anchor")
        self.refuse("--- {}\n--- {}\n", "second document")
        self.refuse(b"model_list: \xff\xfe\n", "")

    def test_bombs_and_depth_are_refused_quickly(self):
        lines = ["a0: &a0 [" + ",".join(["x"] * 9) + "]"]
        for i in range(1, 60):
            lines.append(f"a{i}: &a{i} [" + ",".join([f"*a{i - 1}"] * 9) + "]")
        self.refuse("\n".join(lines) + "\n", "nested too deep")
        self.refuse("model_list: " + "[" * 500 + "]" * 500, "nested too deep")
        self.refuse('{"targets": ' + "[" * 500 + "]" * 500 + "}", "", "portkey")
        self.refuse("model_list: [" + "{}," * 5000 + "]", "4096")
        self.refuse("model_list:\n" + "".join(f"  k{i}: 1\n" for i in range(9000)), "too many keys")

    def test_a_bomb_within_the_depth_is_walked_once(self):
        lines = ["model_list: []", "a0: &a0 [" + ",".join(["x"] * 9) + "]"]
        for i in range(1, 40):
            lines.append(f"a{i}: &a{i} [" + ",".join([f"*a{i - 1}"] * 9) + "]")
        self.take("litellm", "\n".join(lines) + "\n")
        self.assertIn("not carried: a39", self.report)

    def test_wrong_types_are_told_and_never_end_the_program(self):
        for value in ("1", "[1, [2], {a: b}]", "{a: {b: [c]}}"):
            for key in ("router_settings", "litellm_settings", "general_settings", "guardrails", "model_list"):
                text = f"{key}: {value}\nrouter_settings2: 1\n"
                (self.folder / "w.yaml").write_text("general_settings: {}\n" * (key != "general_settings") + text, encoding="utf-8")
                ran = subprocess.run([PROGRAM, "import", "litellm", "w.yaml"], cwd=self.folder, capture_output=True, timeout=SECONDS, check=False)
                self.assertIn(ran.returncode, (0, 1), (text, ran.stderr))
        entry = "model_list:\n  - model_name: {}\n    litellm_params: {}\n    model_info: {}\n"
        for value in ("{a: 1}", "7", "[[[]]]"):
            self.take("litellm", entry.format("m", "{ model: openai/x, api_key: %s, api_base: %s, timeout: %s, weight: %s, order: %s }" % ((value,) * 5), value))
        for value in (1, [[]], {"a": [1]}):
            for key in ("strategy", "targets", "retry", "cache", "override_params", "input_guardrails", "provider", "virtual_key"):
                (self.folder / "w.json").write_text(json.dumps({"provider": "openai", **{key: value}}), encoding="utf-8")
                ran = subprocess.run([PROGRAM, "import", "portkey", "w.json"], cwd=self.folder, capture_output=True, timeout=SECONDS, check=False)
                self.assertIn(ran.returncode, (0, 1), (key, value, ran.stderr))

    def test_texts_cannot_leave_their_place(self):
        evil = 'x" } rule evil { on request deny } # \n{{y}} \u202e \\u0007'
        self.take("litellm", "model_list:\n  - model_name: " + json.dumps(evil) + "\n    litellm_params: { model: " +
                  json.dumps("openai/" + evil) + ", api_key: k, " + json.dumps(evil) + ": 1 }\n")
        self.assertNotIn("rule evil", re.sub(r'"(?:\\.|[^"\\])*"|#.*', "", self.policy))
        self.take("dvara", json.dumps({"providers": [{"name": evil, "type": "openai"}], "workspaces": [{"id": evil, "name": evil + "${HOME}"}],
                                       "policies": [{"id": evil, "dsl": json.dumps({"rules": [{"id": evil, "description": evil, "deny_message": evil,
                                                                                              "conditions": {"model": {"denylist": [evil]}}}]})}]}))
        self.assertIn("$${HOME}", self.config)
        self.check_gateway()

    def test_a_pattern_that_does_not_compile_takes_its_declarations_with_it(self):
        self.take("portkey", {"provider": "openai", "input_guardrails": [{"default.regexMatch": {"rule": "(unclosed"}, "deny": True},
                                                                         {"default.regexMatch": {"rule": "ok"}, "deny": True}]})
        self.assertIn("does not compile", self.report)
        self.assertIn("/ok/", self.policy)

    def test_what_is_large_is_bounded(self):
        leaf = {"provider": "openai", "override_params": {"model": "m"}}
        self.take("portkey", {"strategy": {"mode": "loadbalance"}, "targets": [leaf] * 3000})
        self.assertEqual(64, self.policy.count('  target "'))
        self.assertEqual(2936, self.report.count("at most 64 targets"))
        nested = {"strategy": {"mode": "fallback"}, "targets": [{"strategy": {"mode": "fallback"}, "targets": [leaf]}] * 3000}
        self.take("portkey", nested)
        self.assertLess(self.policy.count("\nroute "), 520)
        shutil.rmtree(self.folder / "out")
        models = "".join(f"  - {{ model_name: m{i}, litellm_params: {{ model: openai/{'x' * 300}{i}, api_key: k }} }}\n" for i in range(4000))
        self.refuse("model_list:\n" + models, "over 1 MiB")

    def test_usage(self):
        for arguments, told in ((["litellm"], "one file"), (["nginx", "x"], "there are `litellm`"), (["litellm", "missing.yaml"], "missing.yaml")):
            self.assertIn(told, self.run_it("import", *arguments, code=2).stderr.decode())
        (self.folder / "large").write_bytes(b"#" * (5 << 20))
        self.assertIn("4 MiB", self.run_it("import", "litellm", "large", code=2).stderr.decode())


class TestReal(Case):
    """LiteLLM's own example files, from its package."""

    def test_every_example_of_the_package_comes_out_whole(self):
        fetched = subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet",
                                  "-d", self.folder / "wheel", "litellm"], capture_output=True, timeout=300, check=False)
        wheels = list((self.folder / "wheel").glob("*.whl")) if fetched.returncode == 0 else []
        if not wheels:
            self.skipTest("the package litellm cannot be fetched: " + fetched.stderr.decode()[-200:])
        seen = 0
        with zipfile.ZipFile(wheels[0]) as archive:
            for name in sorted(archive.namelist()):
                if not re.search(r"litellm/proxy/(example_config_yaml/[^/]+|[^/]+config)\.yaml$", name):
                    continue
                text = archive.read(name).decode()
                if not re.search(r"^(model_list|general_settings|litellm_settings|router_settings|guardrails):", text, re.M):
                    continue
                with self.subTest(name=name):
                    self.take("litellm", text)
                    self.check_gateway()
                    seen += 1
        self.assertGreater(seen, 10)


if __name__ == "__main__":
    unittest.main()
