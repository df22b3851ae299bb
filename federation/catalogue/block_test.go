package catalogue_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/catalogue"
)

func TestBlocksHideAndChangeNothingElse(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir(), 2, "a.example", "b.example")
	t.Cleanup(func() { _ = f.db.Close() })
	f.says("a.example", nil, 0)
	f.says("b.example", nil, 1)
	f.publish(0, []string{"a.example"}, statement{"a.example", "urn:a1", "a.example", "A1"}, statement{"a.example", "urn:a2", "a.example", "A2"})
	f.publish(1, []string{"b.example"}, statement{"b.example", "urn:b", "b.example", "B"})
	c := f.catalogue(0)
	all := map[string]string{"urn:a1": "0 delegated", "urn:a2": "0 delegated", "urn:b": "1 delegated"}
	expect(t, f, c, "nothing blocked", all)
	roots := c.Roots()

	told := make(chan []string, 16)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() {
		_ = c.Follow(ctx, func(_ []catalogue.Item, removed []string) error {
			told <- removed
			return nil
		})
	}()
	<-told
	now := time.Unix(1_790_000_000, 0)
	block := func(what, value string) {
		t.Helper()
		if err := c.Block(t.Context(), catalogue.Block{What: what, Value: value, Reason: "court order 7"}, now); err != nil {
			t.Fatal(err)
		}
	}
	block(catalogue.BlockCourse, "urn:a1")
	expect(t, f, c, "a course", map[string]string{"urn:a2": "0 delegated", "urn:b": "1 delegated"})
	if removed := <-told; len(removed) != 1 || removed[0] != "course|a.example|urn:a1" {
		t.Errorf("followers are told that %v went", removed)
	}
	block(catalogue.BlockPublisher, string(f.ids[1]))
	expect(t, f, c, "a publisher", map[string]string{"urn:a2": "0 delegated"})
	block(catalogue.BlockProvider, "a.example")
	expect(t, f, c, "a provider", map[string]string{})
	if n, _ := c.Count(); n != 0 || c.Hidden() != 3 {
		t.Errorf("%d shown, %d hidden", n, c.Hidden())
	}
	if c.Roots() != roots {
		t.Error("a block changed the roots")
	}
	if said, err := c.Provenance("course|b.example|urn:b"); err != nil || len(said) != 0 {
		t.Errorf("provenance shows a blocked publisher: %v, %v", said, err)
	}
	if item, ok := c.Whole("course|a.example|urn:a1"); !ok || item.Hidden == "" {
		t.Error("what is hidden is lost for those who need the whole")
	}
	expect(t, f, f.catalogue(0), "after a restart", map[string]string{})
	counts := map[string]int{}
	for _, b := range c.Blocks() {
		if counts[b.What] = b.Hidden; b.Reason != "court order 7" || b.Configured || !b.Since.Equal(now) {
			t.Errorf("%+v", b)
		}
	}
	if counts["course"] != 1 || counts["provider"] != 2 || counts["publisher"] != 1 {
		t.Errorf("hidden by each: %v", counts)
	}
	for what, value := range map[string]string{"course": "urn:a1", "publisher": string(f.ids[1]), "provider": "a.example"} {
		if err := c.Unblock(t.Context(), what, value); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, f, c, "unblocked", all)
	if err := c.Unblock(t.Context(), "course", "urn:a1"); !errors.Is(err, catalogue.ErrNotBlocked) {
		t.Errorf("unblocked twice: %v", err)
	}
}

func TestBlocksOfTheConfiguration(t *testing.T) {
	t.Parallel()
	f := newFixture(t, t.TempDir(), 1, "a.example")
	t.Cleanup(func() { _ = f.db.Close() })
	f.says("a.example", nil, 0)
	f.publish(0, []string{"a.example"}, statement{"a.example", "urn:a", "a.example", "A"})
	f.blocks = []catalogue.Block{{What: catalogue.BlockCourse, Value: "urn:a", Reason: "asked to"}}
	c := f.catalogue(0)
	expect(t, f, c, "blocked by configuration", map[string]string{})
	if b := c.Blocks(); len(b) != 1 || !b[0].Configured || b[0].Hidden != 1 {
		t.Errorf("%+v", b)
	}
	if err := c.Unblock(t.Context(), "course", "urn:a"); !errors.Is(err, catalogue.ErrNotBlocked) {
		t.Errorf("a command takes back what the configuration says: %v", err)
	}
	for _, bad := range []catalogue.Block{
		{What: "course", Value: "urn:a"},
		{What: "course", Value: "no IRI", Reason: "r"},
		{What: "provider", Value: "x", Reason: "r"},
		{What: "publisher", Value: "x", Reason: "r"},
		{What: "planet", Value: "urn:a", Reason: "r"},
	} {
		if err := c.Block(t.Context(), bad, time.Unix(1, 0)); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
