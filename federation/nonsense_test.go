package federation_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
)

// change of one field of a payload; path goes down one map for every word.
type change struct {
	path  string
	value *item
}

func number(n uint64) *item { return &item{arg: n} }

// recordNonsense can be refused without a look at signature or graph.
func recordNonsense(thief federation.PublisherID) []change {
	return []change{
		{"v", number(0)},
		{"v", number(2)},
		{"kind", text("statement")},
		{"kind", text("Course")},
		{"kind", text("")},
		{"kind", text("offering|uni.example")},
		{"publisher", text(string(thief))},
		{"publisher", text("")},
		{"issued", number(1 << 53)},
		{"provider", text("Uni.example")},
		{"provider", text("uni")},
		{"provider", text("uni.example.")},
		{"provider", text("münchen.example")},
		{"provider", text("uni|x.example")},
		{"provider", text("10.0.0.1")},
		{"provider", text("deqarinst")},
		{"provider", text("")},
		{"subject", text("course/1")},
		{"subject", text("https:")},
		{"subject", text("1https://x")},
		{"subject", text("https://x/a b")},
		{"subject", text("https://x/<a>")},
		{"subject", text("https://x/a|b")},
		{"subject", text("https://x/\x7f\x00")},
		{"subject", text("")},
		{"licence", text("")},
		{"credit", text("")},
		{"mapping", text("")},
		{"mapping", null()},
		{"source domain", text("")},
		{"source domain", text("https://alliance.example")},
		{"source id", text("")},
		{"graph", &item{major: 2}},
		{"graph", null()},
	}
}

// graphNonsense is refused for its graph alone.
func graphNonsense() []change {
	return []change{
		{"subject", text("https://uni.example/course/2")},
		{"graph", graph("text")},
		{"graph", graph("\n" + courseGraph)},
		{"graph", graph(courseGraph + "<https://x.example/a> <https://x.example/b> <https://x.example/c> .\n")},
		{"graph", graph(courseGraph + courseGraph)},
		{"graph", graph(strings.ReplaceAll(courseGraph, "c14n0", "b0"))},
		{"graph", graph(strings.Replace(courseGraph, `"@en`, `"@EN`, 1))},
		{"graph", graph(strings.Replace(courseGraph, "T", "\\u0054", 1))},
		{"graph", graph(courseGraph + "_:c14n0 " + secondSpecification)},
	}
}

func headNonsense(thief federation.PublisherID) []change {
	return []change{
		{"v", number(0)},
		{"v", number(2)},
		{"publisher", text(string(thief))},
		{"epoch", number(0)},
		{"seq", number(0)},
		{"epoch", number(1 << 53)},
		{"seq", number(1 << 53)},
		{"count", number(1 << 53)},
		{"bytes", number(1 << 63)},
		{"issued", number(1<<64 - 1)},
		{"root", null()},
		{"prev", null()},
		{"domains", null()},
		{"domains", list("uni.example", "alliance.example")},
		{"domains", list("uni.example", "uni.example")},
		{"domains", list("")},
		{"domains", list("Uni.example")},
		{"node url", text("javascript:alert(1)")},
		{"node url", text("mesh.example")},
		{"node url", null()},
		{"node name", null()},
		{"node alliance", null()},
	}
}

// changed signs the payload truly after a change.
func (f forger) changed(changes ...change) []byte {
	root, _ := parseItem(f.payload)
	for _, c := range changes {
		*root.at(strings.Fields(c.path)...) = c.value
	}
	return f.sealed(root.write(nil), f.owner)
}

// What a good signature does not excuse: values out of range, and names that are not the signer's.
func TestThreat15SignedNonsenseIsRefused(t *testing.T) {
	t.Parallel()
	f, h, thief := recordForger(t), headForger(t), publisherOf(t, "thief")
	for _, c := range []struct {
		forger
		open    func([]byte) error
		changes []change
	}{
		{f, decodeRecord, recordNonsense(thief)}, {f, openRecord, graphNonsense()}, {h, openHead, headNonsense(thief)},
	} {
		for _, one := range c.changes {
			refused(t, c.open(c.changed(one)), "%s = %x", one.path, one.value.write(nil))
		}
	}
	refused(t, openHead(h.changed(change{"epoch", number(1)}, change{"seq", number(1)})), "first head with a prev")
}

func graph(quads string) *item { return &item{major: 2, data: []byte(quads)} }

const secondSpecification = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/Qualification> .\n"

func list(texts ...string) *item {
	out := &item{major: 4}
	for _, s := range texts {
		out.items = append(out.items, text(s))
	}
	return out
}

func TestThreat18Limits(t *testing.T) {
	t.Parallel()
	f, h := recordForger(t), headForger(t)
	for _, c := range []struct {
		path    string
		largest int
		prefix  string
	}{
		{"subject", federation.MaxSubject, "urn:"}, {"source id", 2048, ""}, {"mapping", 128, ""}, {"licence", 2048, ""}, {"credit", 2048, ""},
	} {
		for _, over := range []int{0, 1} {
			value := text(c.prefix + strings.Repeat("a", c.largest+over-len(c.prefix)))
			_, err := federation.DecodeRecord(f.changed(change{c.path, value}))
			if over == 0 && err != nil {
				t.Errorf("%s of %d bytes: %v", c.path, c.largest, err)
			} else if over == 1 {
				refused(t, err, "%s of %d bytes", c.path, c.largest+1)
			}
		}
	}
	for path, largest := range map[string]int{"node name": 256, "node alliance": 256} {
		if err := openHead(h.changed(change{path, text(strings.Repeat("a", largest))})); err != nil {
			t.Errorf("%s of %d bytes: %v", path, largest, err)
		}
		refused(t, openHead(h.changed(change{path, text(strings.Repeat("a", largest+1))})), "%s of %d bytes", path, largest+1)
	}
}

func TestThreat18OversizedRecord(t *testing.T) {
	t.Parallel()
	r := sampleRecord()
	envelope := sealRecord(t, r, "a")
	room := federation.MaxRecord - len(envelope) - 3 // two lengths grow by 2 and 1 bytes
	r.Graph = append([]byte(courseGraph), bytes.Repeat([]byte("x"), room)...)
	full := sealRecord(t, r, "a")
	for len(full) < federation.MaxRecord {
		r.Graph = append(r.Graph, 'x')
		full = sealRecord(t, r, "a")
	}
	if _, err := federation.DecodeRecord(full); err != nil || len(full) != federation.MaxRecord {
		t.Errorf("record of %d bytes: %v", len(full), err)
	}
	r.Graph = append(r.Graph, 'x')
	_, err := r.Seal(keyOf(t, "a"))
	refused(t, err, "Seal of a record over the limit")
	root, _ := parseItem(payloadOf(t, recordDomain, full))
	(*root.at("graph")).data = r.Graph
	_, err = federation.DecodeRecord(sealedByLibp2p(recordDomain, recordType, root.write(nil), keyOf(t, "a")))
	refused(t, err, "record of %d bytes", federation.MaxRecord+1)
}

func TestThreat18OversizedHead(t *testing.T) {
	t.Parallel()
	h := sampleHead()
	h.Domains = nil
	for i := range federation.MaxDomains {
		h.Domains = append(h.Domains, fmt.Sprintf("u%04d.example", i))
	}
	if _, err := federation.OpenHead(sealHead(t, h, "a")); err != nil {
		t.Errorf("head with %d domains: %v", len(h.Domains), err)
	}
	h.Domains = append(h.Domains, "v.example")
	more := sealHead(t, h, "a")
	_, err := federation.OpenHead(more)
	refused(t, err, "head with %d domains", len(h.Domains))
	if got, err := federation.OpenHeadUpTo(more, 201); err != nil || len(got.Domains) != 201 {
		t.Errorf("head with 201 domains at a receiver that takes them: %v", err)
	}
	for i := range 1000 {
		h.Domains = append(h.Domains, fmt.Sprintf("v%04d.example", i))
	}
	_, err = h.Seal(keyOf(t, "a"))
	refused(t, err, "head over 16 KiB")
}
