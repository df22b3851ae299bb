package federation_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/google/go-cmp/cmp"
	"github.com/ipfs/go-cid"
	"pgregory.net/rapid"
)

func compareCIDs() cmp.Option { return cmp.Comparer(func(a, b cid.Cid) bool { return a == b }) }

func TestRecordIsReadAsWritten(t *testing.T) {
	t.Parallel()
	bare := sampleRecord()
	bare.Snapshot, bare.Prev, bare.Licence, bare.Credit, bare.Issued = cid.Undef, cid.Undef, "", "", 0
	for _, want := range []federation.Record{sampleRecord(), bare} {
		envelope := sealRecord(t, want, "a")
		want.Publisher = publisherOf(t, "a")
		got, err := federation.OpenRecord(envelope)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, compareCIDs()); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}
		trusted, err := federation.DecodeRecord(envelope)
		if err != nil || cmp.Diff(got, trusted, compareCIDs()) != "" {
			t.Errorf("DecodeRecord differs from OpenRecord: %v", err)
		}
	}
}

func TestWhatIsOpenedOutlivesTheBytes(t *testing.T) {
	t.Parallel()
	envelope := sealRecord(t, sampleRecord(), "a")
	record, err := federation.OpenRecord(envelope)
	if err != nil {
		t.Fatal(err)
	}
	key := record.Key()
	clear(envelope)
	if string(record.Graph) != courseGraph || record.Key() != key || record.Prev != sampleRecord().Prev {
		t.Error("the record changes with the bytes it came from")
	}
}

func TestHeadIsReadAsWritten(t *testing.T) {
	t.Parallel()
	first := federation.Head{Epoch: 1, Seq: 1, Root: treeCID("root")}
	newEpoch := federation.Head{Epoch: federation.MaxSequence, Seq: 1, Root: treeCID("root")}
	for _, want := range []federation.Head{sampleHead(), first, newEpoch} {
		envelope := sealHead(t, want, "a")
		want.Publisher = publisherOf(t, "a")
		got, err := federation.OpenHead(envelope)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, compareCIDs()); diff != "" {
			t.Errorf("head (-want +got):\n%s", diff)
		}
	}
}

// anyHead draws heads over the whole range of what may be signed.
func anyHead() *rapid.Generator[federation.Head] {
	return rapid.Custom(func(t *rapid.T) federation.Head {
		number := rapid.OneOf(rapid.Uint64Range(1, 300), rapid.Uint64Range(1<<16, federation.MaxSequence))
		h := federation.Head{
			Epoch: number.Draw(t, "epoch"), Seq: number.Draw(t, "seq"), Count: number.Draw(t, "count"), Bytes: number.Draw(t, "bytes"),
			Root: treeCID(rapid.String().Draw(t, "root")), Issued: int64(number.Draw(t, "issued")),
			Domains: rapid.SliceOfDistinct(rapid.StringMatching(`[a-z]{1,20}\.example|deqarinst[1-9]{1,10}`), rapid.ID[string]).Draw(t, "domains"),
			Node: federation.NodeInfo{
				Name: rapid.StringN(0, 60, 256).Draw(t, "name"), Alliance: rapid.StringN(0, 60, 256).Draw(t, "alliance"),
				URL: rapid.StringMatching(`(https?://[a-zä]{1,50}/)?`).Draw(t, "url"),
			},
		}
		if slices.Sort(h.Domains); len(h.Domains) == 0 {
			h.Domains = nil
		}
		if h.Seq > 1 || h.Epoch > 1 && rapid.Bool().Draw(t, "has prev") {
			h.Prev = rawCID(rapid.String().Draw(t, "prev"))
		}
		return h
	})
}

func TestEverySealedHeadIsOpened(t *testing.T) {
	t.Parallel()
	key, publisher := keyOf(t, "a"), publisherOf(t, "a")
	rapid.Check(t, func(t *rapid.T) {
		want := anyHead().Draw(t, "head")
		envelope, err := want.Seal(key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := federation.OpenHead(envelope)
		if err != nil {
			t.Fatal(err)
		}
		want.Publisher = publisher
		if diff := cmp.Diff(want, got, compareCIDs()); diff != "" {
			t.Fatal(diff)
		}
		again, err := got.Seal(key)
		if err != nil || !bytes.Equal(again, envelope) {
			t.Fatalf("sealed again: other bytes, %v", err)
		}
	})
}

// Seal and Open apply the same rules: whatever Seal lets pass, receivers accept.
func TestSealRefusesWhatOpenRefuses(t *testing.T) {
	t.Parallel()
	key := keyOf(t, "a")
	for name, change := range map[string]func(*federation.Record){
		"reserved kind":     func(r *federation.Record) { r.Kind = "statement" },
		"no provider":       func(r *federation.Record) { r.Provider = "" },
		"relative subject":  func(r *federation.Record) { r.Subject = "course/1" },
		"long subject":      func(r *federation.Record) { r.Subject = "urn:" + strings.Repeat("x", federation.MaxSubject) },
		"no graph":          func(r *federation.Record) { r.Graph = nil },
		"no source":         func(r *federation.Record) { r.Source = federation.Source{} },
		"no mapping":        func(r *federation.Record) { r.Mapping = "" },
		"before 1970":       func(r *federation.Record) { r.Issued = -1 },
		"far future":        func(r *federation.Record) { r.Issued = federation.MaxSequence + 1 },
		"credit not UTF-8":  func(r *federation.Record) { r.Credit = "\xff" },
		"prev is a node":    func(r *federation.Record) { r.Prev = treeCID("x") },
		"snapshot is a v0":  func(r *federation.Record) { r.Snapshot = cid.NewCidV0(treeCID("x").Hash()) },
		"licence too long":  func(r *federation.Record) { r.Licence = strings.Repeat("x", 2049) },
		"graph over 1 MiB":  func(r *federation.Record) { r.Graph = make([]byte, federation.MaxRecord+1) },
		"envelope of 1 MiB": func(r *federation.Record) { r.Graph = make([]byte, federation.MaxRecord-100) },
	} {
		r := sampleRecord()
		change(&r)
		_, err := r.Seal(key)
		refused(t, err, "record: %s", name)
	}
	for name, change := range map[string]func(*federation.Head){
		"no epoch":         func(h *federation.Head) { h.Epoch = 0 },
		"no number":        func(h *federation.Head) { h.Seq = 0 },
		"no prev":          func(h *federation.Head) { h.Prev = cid.Undef },
		"no root":          func(h *federation.Head) { h.Root = cid.Undef },
		"root is raw":      func(h *federation.Head) { h.Root = rawCID("x") },
		"before 1970":      func(h *federation.Head) { h.Issued = -1 },
		"domains unsorted": func(h *federation.Head) { slices.Reverse(h.Domains) },
		"no web page":      func(h *federation.Head) { h.Node.URL = "ftp://mesh.example/" },
		"long name":        func(h *federation.Head) { h.Node.Name = strings.Repeat("x", 257) },
		"number too high":  func(h *federation.Head) { h.Seq = federation.MaxSequence + 1 },
	} {
		h := sampleHead()
		change(&h)
		_, err := h.Seal(key)
		refused(t, err, "head: %s", name)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	r := sampleRecord()
	kind, provider, subject, err := federation.SplitKey(r.Key())
	if err != nil || kind != r.Kind || provider != r.Provider || subject != r.Subject {
		t.Errorf("%s is split into %s, %s, %s, %v", r.Key(), kind, provider, subject, err)
	}
	for _, bad := range []string{
		"", "|", "||", "course", "course|uni.example", "course|uni.example|", "statement|uni.example|urn:x", "|uni.example|urn:x",
		"course|Uni.example|urn:x", "course||urn:x", "course|uni.example|x", "course|uni.example|urn:a|b", "course|uni.example|urn:\xff",
		"course|uni.example|urn:" + strings.Repeat("x", federation.MaxSubject),
	} {
		_, _, _, err := federation.SplitKey(bad)
		refused(t, err, "key %q", bad)
	}
}

// Every id that configuration and discovery accept can be signed and received.
func TestProviderIDsCanBeSigned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.OneOf(
			rapid.StringMatching(`[a-z0-9-]{1,8}(\.[a-z0-9-]{1,8}){0,3}`), rapid.StringMatching(`deqarinst[0-9]{0,12}`),
			rapid.StringMatching(`(xn--)?[a-zäöß]{1,5}\.(xn--p1ai|рф|example)`),
		).Draw(t, "id")
		if normal, err := federation.NormaliseDomain(id); err == nil {
			id = normal
		}
		if _, _, _, err := federation.SplitKey("course|" + id + "|urn:x"); err != nil && federation.ValidProvider(id) {
			t.Fatal(err)
		}
	})
}
