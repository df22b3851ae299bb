package node_test

import (
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// TestThreat5ClocksApart: nodes whose clocks are decades apart, one of which jumps back while it publishes, take
// every head of each other: order comes from epoch and number, and the date in a head gates nothing.
func TestThreat5ClocksApart(t *testing.T) {
	t.Parallel()
	inst := newInstitution(t)
	now := time.Now().UTC()
	clocks := []*clock{{now: now}, {now: now.AddDate(-27, 0, 0)}, {now: now.AddDate(24, 0, 0)}}
	a := newRunning(t, clocks[0], inst)
	inst.says(federation.PublisherID(a.ready.Publisher))
	b := newRunning(t, clocks[1], inst, a)
	c := newRunning(t, clocks[2], inst, b)
	const course = "https://uni.example/c0"
	for i, jump := range []time.Duration{0, -3 * 365 * 24 * time.Hour, 40 * 365 * 24 * time.Hour, -time.Minute} {
		clocks[0].pass(jump)
		title := string(rune('A'+i)) + " title"
		inst.retitle(title)
		a.harvest()
		for _, n := range []*running{a, b, c} {
			n.waitFor(course, a.ready.Publisher, title)
		}
	}
}
