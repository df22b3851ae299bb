package store_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// large is a version of a record that does not compress away.
func large(version int) store.Block {
	var b strings.Builder
	for i := range 400 {
		fmt.Fprintf(&b, "%d %x ", version, (i+1)*(version+7)*2654435761)
	}
	return store.Block{CID: federation.CIDOf([]byte(b.String())), Data: []byte(b.String())}
}

// Of the history the newest versions stay, as many bytes as the publisher may keep; the current set stays whole.
func TestHistoryKeepsToItsBytes(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_790_000_000, 0)
	db := openAt(t, t.TempDir(), store.HistoryBytes(20_000), store.Clock(func() time.Time { return now }))
	p := newPublisher(t)
	var versions []store.Block
	var held cid.Cid
	for i := range 10 {
		versions = append(versions, large(i))
		publish(t, db, p, versions[i:], put(courseKey(1), held, versions[i]))
		held = versions[i].CID
	}
	if _, _, err := db.Collect(t.Context(), now.Unix()+1); err != nil {
		t.Fatal(err)
	}
	kept := 0
	for i := len(versions) - 1; i >= 0; i-- {
		_, err := db.Get(versions[i].CID)
		if err == nil && kept == len(versions)-1-i {
			kept++
		} else if err == nil {
			t.Errorf("version %d is kept although a newer one went", i)
		} else if !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
	}
	if size := len(versions[0].Data); kept < 2 || kept > 2+20_000/(size/4) || kept == len(versions) {
		t.Errorf("%d of %d versions of %d bytes are kept", kept, len(versions), size)
	}
	if _, _, err := db.CollectHistory(t.Context(), now.Unix()+1); err != nil {
		t.Fatal(err)
	}
	for i, v := range versions {
		if _, err := db.Get(v.CID); (err == nil) != (i == len(versions)-1) {
			t.Errorf("version %d after the history was purged: %v", i, err)
		}
	}
}
