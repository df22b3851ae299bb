package rdf_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/rdf"
)

// TestThreat13HostileDocumentsEndSoon runs alone, and takes the best of three times, since it is about time and memory.
func TestThreat13HostileDocumentsEndSoon(t *testing.T) {
	const mega = 1 << 20
	for name, c := range map[string]struct {
		format rdf.Format
		source string
	}{
		"deep brackets":          {rdf.Turtle, "<urn:s> <urn:p> " + strings.Repeat("[<urn:p>", mega)},
		"deep lists":             {rdf.Turtle, "<urn:s> <urn:p> " + strings.Repeat("(", mega)},
		"deep JSON":              {rdf.JSONLD, strings.Repeat(`{"urn:p":`, mega)},
		"deep JSON arrays":       {rdf.JSONLD, strings.Repeat("[", mega)},
		"20,000 bases":           {rdf.Turtle, strings.Repeat("@base <http://a/b/c/> .\n<x> <y> <z> .\n", 20_000)},
		"20,000 nested bases":    {rdf.Turtle, "@base <http://a/> .\n" + strings.Repeat("@base <x/> .\n", 20_000)},
		"long prefix, many uses": {rdf.Turtle, "@prefix p: <urn:" + strings.Repeat("x", mega-10) + "> .\np:a p:b p:1" + strings.Repeat(",p:2", mega)},
		"long base, many uses":   {rdf.Turtle, "@base <urn:/" + strings.Repeat("x/", mega/2-10) + "> .\n<a> <b> <1>" + strings.Repeat(",<2>", mega)},
		"long base, dots":        {rdf.Turtle, "@base <urn:/" + strings.Repeat("x/", mega/2-10) + "> .\n<a> <b> <1>" + strings.Repeat(",<./2>", mega)},
		"dots":                   {rdf.Turtle, "@prefix p: <urn:p> . p:a" + strings.Repeat(".", 4*mega)},
		"dot segments":           {rdf.Turtle, "@base <urn:/" + strings.Repeat("a/", mega/4) + "> . <" + strings.Repeat("../", mega/4) + "> <urn:p> 1 ."},
		"numbers":                {rdf.Turtle, "<urn:s> <urn:p> 1" + strings.Repeat("..1", mega)},
		"one property, many values": {rdf.JSONLD, `{"@id":"urn:s","urn:p":[{"@id":"urn:o"}` +
			strings.Repeat(`,{"@id":"urn:o"}`, 50_000) + `]}`},
		"one node, many mentions": {rdf.JSONLD, `[{"@id":"urn:s","urn:p":1}` + strings.Repeat(`,{"@id":"urn:s","urn:p":1}`, 30_000) + `]`},
		"chain of definitions":    {rdf.JSONLD, `{"@context": {"t0": "urn:` + chain(20_000) + `}, "t19999": 1}`},
		"long namespace, JSON":    {rdf.JSONLD, `{"@context": {"p": "urn:` + strings.Repeat("x", mega) + `"}, "@graph": [` + strings.Repeat(`{"p:a": "b"},`, 100_000) + `{}]}`},
		"long vocabulary":         {rdf.JSONLD, `{"@context": {"@vocab": "urn:` + strings.Repeat("x", mega) + `"}, "@graph": [` + strings.Repeat(`{"a": "b"},`, 100_000) + `{}]}`},
		"list of contexts":        {rdf.JSONLD, `{"@context": [` + strings.Repeat(`{"a": "urn:a:"}, {"b": "a:b"}, `, 50_000) + `{}]}`},
		"many terms":              {rdf.JSONLD, `{"@context": {"t": "urn:` + chain(0) + strings.Repeat(`,"u": "t:u"`, 100_000) + `}}`},
		"scoped contexts":         {rdf.JSONLD, scopedContexts(3000)},
	} {
		took, grown := measure(c.format, c.source)
		for try := 0; try < 2 && took > time.Second; try++ {
			again, _ := measure(c.format, c.source)
			took = min(took, again)
		}
		t.Logf("%-28s %v", name, took)
		if took > time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if grown > 64<<20 {
			t.Errorf("%s: %d MiB", name, grown>>20)
		}
	}
}

// measure decodes a document to its end and returns the time and the memory it asked the system for.
func measure(f rdf.Format, source string) (time.Duration, int64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	for range rdf.Decode(strings.NewReader(source), f, "", rdf.Limits{}) {
		continue
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	return took, int64(after.Sys) - int64(before.Sys)
}

// chain goes on, inside the text of a first definition t0, with n others that rest on one another.
func chain(n int) string {
	b := []byte(`x"`)
	for i := range n {
		b = fmt.Appendf(b, `, "t%d": "t%d:%s"`, i+1, i, "0123456789")
	}
	return string(b)
}

func scopedContexts(n int) string {
	var terms []string
	for i := range n {
		terms = append(terms, fmt.Sprintf(`"t%d": {"@id": "urn:t%d", "@context": {"x%d": "urn:x"}}`, i, i, i))
	}
	return `{"@context": {` + strings.Join(terms, ",") + `}, "@graph": [` + strings.Repeat(`{"t1": {"t2": {"t3": 1}}},`, n) + `{}]}`
}
