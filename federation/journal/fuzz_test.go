package journal_test

import (
	"errors"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/journal"
)

// Whatever somebody sends as a position is one, or none, or too old; one that is taken means what it says.
func FuzzPosition(f *testing.F) {
	p := newPublisher(f, federation.Member)
	n := start(f, f.TempDir(), p)
	n.says(p, map[int]int{1: 1, 2: 1, 3: 1})
	for _, at := range []journal.Position{n.journal.Beginning(), n.journal.Beginning().At(2), n.journal.End()} {
		text, err := n.journal.Text(at)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add("0000000000000000-1")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := n.journal.Parse(text)
		if err != nil {
			if !errors.Is(err, journal.ErrPosition) && !errors.Is(err, journal.ErrTooOld) {
				t.Error(err)
			}
			return
		}
		if at.Seq > 3 || at.Horizon > 3 {
			t.Errorf("%q is beyond the end: %+v", text, at)
		}
		again, err := n.journal.Text(at)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := n.journal.Parse(again); err != nil || same.Seq != at.Seq || same.Horizon > same.Seq && same.Horizon != at.Horizon {
			t.Errorf("%q is %+v, and %q is %+v, %v", text, at, again, same, err)
		}
	})
}
