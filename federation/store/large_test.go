package store_test

import (
	"bytes"
	"context"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// anonymous is the memory of this process that no file backs, in MiB.
func anonymous(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc here")
	}
	_, rest, _ := bytes.Cut(status, []byte("RssAnon:"))
	kib, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}

// TestLargeSet takes 100,000 records: the first switch, then one of 1 %.
func TestLargeSet(t *testing.T) {
	if os.Getenv(soak) != "1" {
		t.Skip(soak + " is not set")
	}
	db, p := open(t), newPublisher(t)
	const n = 100_000
	ops := make([]store.Op, 0, n)
	for i := range n / 1000 {
		blocks := make([]store.Block, 0, 1000)
		for j := range 1000 {
			k := i*1000 + j
			b := envelope(courseKey(k), k)
			blocks = append(blocks, b)
			ops = append(ops, put(courseKey(k), cid.Undef, b))
		}
		if err := db.Stage(context.Background(), blocks); err != nil {
			t.Fatal(err)
		}
	}
	step := func(what string, limit time.Duration, memory int, ops []store.Op) store.Held {
		t.Helper()
		before, peak, done := anonymous(t), make(chan int), make(chan struct{})
		go func() {
			most := 0
			for {
				select {
				case <-done:
					peak <- most
					return
				case <-time.After(10 * time.Millisecond):
					most = max(most, anonymous(t))
				}
			}
		}()
		start := time.Now()
		held, err := db.Switch(context.Background(), p.id, ops, p.seal)
		took := time.Since(start)
		close(done)
		most := <-peak
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %v, anonymous memory %d MiB, %d before", what, took, most, before)
		if took > limit || most > memory {
			t.Errorf("%s took %v and %d MiB", what, took, most)
		}
		return held
	}
	first := step("first switch", 10*time.Second, 300, ops)
	var few []store.Op
	var blocks []store.Block
	for k := 0; k < n; k += 100 {
		b := envelope(courseKey(k), k+1)
		blocks = append(blocks, b)
		few = append(few, put(courseKey(k), ops[k].New, b))
	}
	if err := db.Stage(context.Background(), blocks); err != nil {
		t.Fatal(err)
	}
	step("switch of 1 %", time.Second, 300, few)
	start := time.Now()
	if got, err := db.OpsSince(p.id, first.CID); err != nil || len(got) != len(few) {
		t.Errorf("%d operations, %v", len(got), err)
	}
	t.Logf("operations since: %v", time.Since(start))
	start = time.Now()
	removed, _, err := db.Collect(context.Background(), time.Now().Unix()+1)
	if err != nil || removed != 0 {
		t.Errorf("collected %d, %v", removed, err)
	}
	t.Logf("collect: %v", time.Since(start))
	start = time.Now()
	if got := len(entries(t, db, p)); got != n {
		t.Errorf("%d entries", got)
	}
	t.Logf("walk: %v", time.Since(start))
}
