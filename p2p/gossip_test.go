package p2p

import (
	"errors"
	"slices"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
)

// Gossip reaches the backend when it judges it to be news, whole when small and as a bare head when not.
func TestGossip(t *testing.T) {
	t.Parallel()
	key := testKey(t)
	heard := newShelf()
	heard.verdict = News
	a, b := newHost(t, newShelf(), nil), newHost(t, heard, nil)
	if err := a.Connect(t.Context(), b.Addrs()[0]); err != nil {
		t.Fatal(err)
	}
	until(t, "subscription", func() bool { return len(a.gossip.topic.ListPeers()) == 1 })
	head := testHead(t, key, 1)
	big := Announcement{Envelope: head, Delta: &Delta{Records: [][]byte{make([]byte, maxGossip)}}}
	if _, err := big.Encode(); !errors.Is(err, ErrTooLarge) {
		t.Errorf("encode: %v", err)
	}
	small := Announcement{Envelope: head, Delta: &Delta{Base: testCID(1), Withdrawn: []string{"course|a.example|x"}}}
	for _, send := range []Announcement{small, big} {
		if err := a.Announce(t.Context(), send); err != nil {
			t.Fatal(err)
		}
	}
	until(t, "announcements", func() bool {
		heard.mu.Lock()
		defer heard.mu.Unlock()
		return len(heard.announced) == 2
	})
	slices.SortFunc(heard.announced, func(x, _ Announcement) int {
		if x.Delta == nil {
			return 1
		}
		return -1
	})
	if diff := cmp.Diff(small.Delta.Withdrawn, heard.announced[0].Delta.Withdrawn); diff != "" || heard.announced[1].Delta != nil {
		t.Errorf("deltas %+v, %+v", heard.announced[0].Delta, heard.announced[1].Delta)
	}
}

// Invalid gossip is not passed on and counts against the messenger; stale or unknown heads do not.
func TestGossipJudgement(t *testing.T) {
	t.Parallel()
	key, stranger := testKey(t), testKey(t)
	head := testHead(t, key, 1)
	forged := append(slices.Clone(head[:len(head)-1]), head[len(head)-1]^1)
	valid, err := Announcement{Envelope: head}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	encode := func(a Announcement) []byte {
		b, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	record, err := federation.Record{
		Kind: federation.KindCourse, Subject: "https://a.example/1", Provider: "a.example",
		Graph:  []byte("<https://a.example/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://data.europa.eu/snb/model/elm/LearningOpportunitySpecification> .\n"),
		Source: federation.Source{Domain: "a.example", ID: "s"}, Mapping: "elmrdf/1",
	}.Seal(stranger)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body    []byte
		verdict Verdict
		want    string
	}{
		"news":                             {valid, News, "accept"},
		"held":                             {valid, Forward, "accept"},
		"stale or unknown":                 {valid, Ignore, "ignore"},
		"forged head":                      {encode(Announcement{Envelope: forged}), News, "reject"},
		"not canonical":                    {append(slices.Clone(valid), 0), News, "reject"},
		"too large":                        {make([]byte, maxGossip+1), News, "reject"},
		"foreign record":                   {encode(Announcement{Envelope: head, Delta: &Delta{Records: [][]byte{record}}}), News, "reject"},
		"forged record, unknown publisher": {encode(Announcement{Envelope: head, Delta: &Delta{Records: [][]byte{{1}}}}), Ignore, "ignore"},
	} {
		s := newShelf()
		s.verdict = c.verdict
		if got := judged(newHost(t, s, nil), c.body); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// judged is what the validator makes of a message.
func judged(h *Host, body []byte) string {
	m := &pubsub.Message{Message: &pb.Message{Data: body}}
	switch h.validate(h.ctx, "messenger", m) {
	case pubsub.ValidationAccept:
		return "accept"
	case pubsub.ValidationReject:
		return "reject"
	}
	return "ignore"
}
