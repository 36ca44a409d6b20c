// SPDX-License-Identifier: Apache-2.0

// Decisions of OPA, Cedar and CEL on the policies of tests/programs/bench_decide.c: as many rules of one
// kind as -rules says, a prepared request that none holds for or the last one. One line of JSON a figure.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"sort"
	"strings"
	"time"

	cedar "github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/google/cel-go/cel"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// A kind's condition in each language; "" where it has no word for it.
type kind struct {
	name             string
	rego, cedar, cel func(i int) string
}

func sprintf(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i) }
}

func between(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i*10+1000, i*10+1009) }
}

func net(format string) func(int) string {
	return func(i int) string { return fmt.Sprintf(format, i/256, i%256) }
}

var kinds = []kind{
	{"equality", sprintf(`input.model == "model-%d"`), sprintf(`context.model == "model-%d"`), sprintf(`model == "model-%d"`)},
	{"range", between(`input.tokens >= %d; input.tokens <= %d`), between(`context.tokens >= %d && context.tokens <= %d`),
		between(`tokens >= %d && tokens <= %d`)},
	{"cidr", net(`net.cidr_contains("10.%d.%d.0/24", input.ip)`), net(`context.ip.isInRange(ip("10.%d.%d.0/24"))`), nil},
	{"glob", sprintf(`startswith(input.model, "model-%05d-")`), sprintf(`context.model like "model-%05d-*"`),
		sprintf(`model.startsWith("model-%05d-")`)},
	{"tags", sprintf(`"team-%d" in input.tags`), sprintf(`context.tags.contains("team-%d")`), sprintf(`"team-%d" in tags`)},
}

type request struct {
	model, ip string
	tokens    int
	tags      []string
}

func miss() request {
	return request{"gpt-4o", "192.0.2.7", 7, []string{"eu", "gold", "beta"}}
}

func hit(kind string, i int) request {
	r := miss()
	switch kind {
	case "equality":
		r.model = fmt.Sprintf("model-%d", i)
	case "range":
		r.tokens = i*10 + 1005
	case "cidr":
		r.ip = fmt.Sprintf("10.%d.%d.77", i/256, i%256)
	case "glob":
		r.model = fmt.Sprintf("model-%05d-mini", i)
	case "tags":
		r.tags = append(r.tags, fmt.Sprintf("team-%d", i))
	}
	return r
}

// A prepared engine: whether it denies a prepared request.
type engine func() (denied bool)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func opa(rules int, condition func(int) string, r request) engine {
	var text strings.Builder
	text.WriteString("package p\n")
	for i := 0; i < rules; i++ {
		fmt.Fprintf(&text, "deny contains \"c%d\" if { %s }\n", i, condition(i))
	}
	query := must(rego.New(rego.Query("data.p.deny"), rego.Module("p.rego", text.String())).PrepareForEval(context.Background()))
	tags := make([]any, len(r.tags))
	for i, tag := range r.tags {
		tags[i] = tag
	}
	input := must(ast.InterfaceToValue(map[string]any{"model": r.model, "ip": r.ip, "tokens": r.tokens, "tags": tags}))
	return func() bool {
		found := must(query.Eval(context.Background(), rego.EvalParsedInput(input)))
		return len(found[0].Expressions[0].Value.([]any)) > 0
	}
}

func cedarGo(rules int, condition func(int) string, r request) engine {
	var text strings.Builder
	text.WriteString("permit (principal, action, resource);\n")
	for i := 0; i < rules; i++ {
		fmt.Fprintf(&text, "forbid (principal, action, resource) when { %s };\n", condition(i))
	}
	policies := must(cedar.NewPolicySetFromBytes("p.cedar", []byte(text.String())))
	tags := make([]cedar.Value, len(r.tags))
	for i, tag := range r.tags {
		tags[i] = cedar.String(tag)
	}
	asked := cedar.Request{
		Principal: cedar.NewEntityUID("User", "u"), Action: cedar.NewEntityUID("Action", "a"),
		Resource: cedar.NewEntityUID("Model", "m"),
		Context: cedar.NewRecord(cedar.RecordMap{"model": cedar.String(r.model), "tokens": cedar.Long(r.tokens),
			"ip": must(types.ParseIPAddr(r.ip)), "tags": cedar.NewSet(tags...)}),
	}
	return func() bool {
		decision, _ := policies.IsAuthorized(cedar.EntityMap{}, asked)
		return decision == cedar.Deny
	}
}

func celGo(rules int, condition func(int) string, r request) engine {
	env := must(cel.NewEnv(cel.Variable("model", cel.StringType), cel.Variable("tokens", cel.IntType),
		cel.Variable("tags", cel.ListType(cel.StringType))))
	programs := make([]cel.Program, rules)
	for i := range programs {
		tree, issues := env.Compile(condition(i))
		if issues.Err() != nil {
			log.Fatal(issues.Err())
		}
		programs[i] = must(env.Program(tree))
	}
	input := must(cel.PartialVars(map[string]any{"model": r.model, "tokens": r.tokens, "tags": r.tags}))
	return func() bool {
		denied := false
		for _, program := range programs {
			value, _, err := program.Eval(input)
			denied = denied || (err == nil && value.Value() == true)
		}
		return denied
	}
}

func measure(name, kind, which string, rules int, budget time.Duration, decide engine) {
	if decide() != (which != "miss") {
		log.Fatalf("%s, %s: %s is not decided as expected", name, kind, which)
	}
	var samples []int64
	for begin := time.Now(); time.Since(begin) < budget || len(samples) < 20; {
		start := time.Now()
		decide()
		samples = append(samples, time.Since(start).Nanoseconds())
	}
	sort.Slice(samples, func(i, j int) bool { return samples[i] < samples[j] })
	fmt.Printf(`{"engine":"%s","kind":"%s","rules":%d,"case":"%s","p50_ns":%d,"p99_ns":%d}`+"\n", name, kind, rules, which,
		samples[len(samples)/2], samples[len(samples)*99/100])
}

func main() {
	rules := flag.Int("rules", 1000, "rules of a policy")
	budget := flag.Duration("time", 300*time.Millisecond, "time a figure may take")
	flag.Parse()
	for _, k := range kinds {
		for _, which := range []string{"miss", "hit-last"} {
			r := miss()
			if which != "miss" {
				r = hit(k.name, *rules-1)
			}
			if k.rego != nil {
				measure("opa", k.name, which, *rules, *budget, opa(*rules, k.rego, r))
			}
			if k.cedar != nil {
				measure("cedar", k.name, which, *rules, *budget, cedarGo(*rules, k.cedar, r))
			}
			if k.cel != nil {
				measure("cel", k.name, which, *rules, *budget, celGo(*rules, k.cel, r))
			}
		}
	}
}
