package rdf

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Bounds of the work that short definitions can cause in json-gold, which has none of its own.
const (
	maxContextWork = 20_000_000 // definitions copied, whenever a context comes into force
	maxChain       = 8          // definitions built on one another in one context
)

// checkContexts estimates the work of expansion: copying definitions, and writing out names.
func (d *decoder) checkContexts(doc any) error {
	t := contextTally{}
	t.walk(doc, false, 0)
	if t.chain > maxChain {
		return fmt.Errorf("a definition in @context rests on a chain of others: %w", overLimit("definitions in a chain", maxChain))
	}
	switches := t.contexts
	if t.scoped {
		switches += t.objects
	}
	if t.definitions*switches > maxContextWork {
		return overLimit("work of applying @context (definitions times uses)", maxContextWork)
	}
	built := float64(t.longest) * float64(t.hops) * float64(t.names)
	if !d.work(int(min(built, math.MaxInt/2))) {
		return d.err
	}
	return nil
}

// contextTally counts what makes expansion long.
type contextTally struct {
	contexts, definitions, objects int
	names                          int // keys and texts, each of which may stand for an IRI
	longest                        int // text in a context
	chain, hops                    int // definitions on one another, in one context and in nested ones
	scoped                         bool
}

func (t *contextTally) walk(v any, inContext bool, hops int) {
	switch v := v.(type) {
	case []any:
		if inContext {
			t.contexts += len(v)
		}
		for _, item := range v {
			t.walk(item, inContext, hops)
			hops += t.hopsOf(item, inContext)
		}
	case map[string]any:
		t.object(v, inContext, hops)
	case string:
		t.names++
		if inContext {
			t.definitions++
			t.longest = max(t.longest, len(v))
		}
	}
}

func (t *contextTally) object(v map[string]any, inContext bool, hops int) {
	t.objects++
	hops += t.hopsOf(v, inContext)
	if inner, ok := v["@context"]; ok {
		t.contexts++
		t.scoped = t.scoped || inContext
		t.walk(inner, true, hops)
		hops += t.hopsOf(inner, true)
	}
	t.hops = max(t.hops, hops)
	for key, value := range v {
		t.names++
		if inContext {
			t.definitions++
		}
		if number, ok := value.(json.Number); ok && inContext && key == "@version" {
			v[key], _ = number.Float64() // the only number json-gold compares itself
		}
		if key != "@context" {
			t.walk(value, inContext, hops)
		}
	}
}

// hopsOf is how many definitions a context can put on one another.
func (t *contextTally) hopsOf(v any, inContext bool) int {
	if !inContext {
		return 0
	}
	switch v := v.(type) {
	case []any:
		sum := 0
		for _, item := range v {
			sum += t.hopsOf(item, true)
		}
		return sum
	case map[string]any:
		longest := 0
		for key := range v {
			longest = max(longest, chainOf(v, key))
		}
		t.chain = max(t.chain, longest)
		return longest
	}
	return 0
}

// chainOf follows a definition to the one it begins with, at most one step further than allowed.
func chainOf(context map[string]any, key string) int {
	n := 1
	for ; n <= maxChain; n++ {
		value := context[key]
		if definition, ok := value.(map[string]any); ok {
			value = definition["@id"]
		}
		text, ok := value.(string)
		if !ok {
			break
		}
		name, _, _ := strings.Cut(text, ":")
		if _, defined := context[name]; !defined || name == key {
			break
		}
		key = name
	}
	return n
}
