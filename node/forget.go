package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// forgetEvery is how often notices are carried out that could not be before; they have a day.
const forgetEvery = time.Hour

// countsFor says whether a publisher may speak for a provider: by a class that counts, and through a domain
// that may speak for it.
func (n *Node) countsFor(p federation.PublisherID, provider string) bool {
	return slices.ContainsFunc(n.catalogue.StandingsOf(provider), func(s catalogue.Standing) bool {
		return s.Publisher == p && s.Class != federation.Unverified && s.Class != federation.Local && s.Relation != federation.None
	})
}

// vouched says whether a publisher's sets are held because somebody lets it publish; this node's own always is.
func (n *Node) vouched(p federation.PublisherID) bool {
	return p == n.ids.Publisher || n.authority.Best(p) != federation.Unverified
}

// forget carries out notices of erasure as they come, and once an hour those that could not act yet.
func (n *Node) forget(ctx context.Context) error {
	for {
		erased, err := n.erasures.CarryOut(ctx)
		if err != nil && ctx.Err() == nil {
			n.log.Warn("erasure failed", "error", err)
		}
		if erased > 0 {
			n.log.Info("records erased", "records", erased)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-n.erasures.Fresh():
		case <-time.After(forgetEvery):
		}
	}
}

// erase signs a notice for records of a provider, or for all past versions of one of its courses.
func (n *Node) erase(ctx context.Context, q api.EraseRequest) (api.Erased, error) {
	if err := n.ready(ctx); err != nil {
		return api.Erased{}, err
	}
	records, err := n.named(q)
	if err != nil {
		return api.Erased{}, err
	}
	out := api.Erased{Provider: q.Provider, Records: []string{}}
	for chunk := range slices.Chunk(records, federation.MaxErased) {
		envelope, err := federation.Erasure{Provider: q.Provider, Records: chunk, Issued: n.cfg.Now().Unix()}.Seal(n.keys.Publisher)
		if err != nil {
			return out, err
		}
		if _, err := n.erasures.Add(envelope); err != nil {
			return out, &api.AdminError{Message: err.Error() + "; only who speaks for an institution may erase its records", Exit: api.ExitDenied}
		}
		out.Notices = append(out.Notices, federation.CIDOf(envelope).String())
	}
	for _, c := range records {
		out.Records = append(out.Records, c.String())
	}
	out.Erased, err = n.erasures.CarryOut(ctx)
	return out, err
}

// named lists the records that a request means, each once.
func (n *Node) named(q api.EraseRequest) ([]cid.Cid, error) {
	var records []cid.Cid
	for _, text := range q.Records {
		c, err := cid.Decode(text)
		if err != nil {
			return nil, &api.AdminError{Message: fmt.Sprintf("%q is no CID of a record", text), Exit: api.ExitUsage}
		}
		records = append(records, c)
	}
	if q.Subject != "" {
		past, err := n.pastVersions(federation.Record{Kind: federation.KindCourse, Provider: q.Provider, Subject: q.Subject}.Key())
		if err != nil {
			return nil, err
		}
		records = append(records, past...)
	}
	if len(records) == 0 {
		return nil, &api.AdminError{Message: "this node holds no past version of " + q.Subject + " of " + q.Provider, Exit: api.ExitNotFound}
	}
	if err := n.notCurrent(records); err != nil {
		return nil, err
	}
	slices.SortFunc(records, func(a, b cid.Cid) int { return slices.Compare(a.Bytes(), b.Bytes()) })
	return slices.CompactFunc(records, cid.Cid.Equals), nil
}

// notCurrent refuses to contradict this node's own head: who lacks it could not take it any more.
func (n *Node) notCurrent(records []cid.Cid) error {
	for _, c := range records {
		record, err := n.record(c)
		if err != nil || record.Publisher != n.ids.Publisher {
			continue // not here, or somebody else's: they may know it
		}
		if entry, err := n.db.Entry(n.ids.Publisher, record.Key()); err == nil && entry.CID == c {
			return &api.AdminError{Message: fmt.Sprintf("%s is what this node says of %s now: change or withdraw the course at its source and harvest it, then erase it", c, record.Subject), Exit: api.ExitConflict}
		}
	}
	return nil
}

func (n *Node) record(c cid.Cid) (federation.Record, error) {
	data, err := n.db.Record(c)
	if err != nil {
		return federation.Record{}, err
	}
	return federation.DecodeRecord(data)
}

// pastVersions are those that any publisher's set had under the key and has no longer, and also the last one of
// publishers for whom nobody speaks any more.
func (n *Node) pastVersions(key string) ([]cid.Cid, error) {
	publishers, err := n.db.Publishers()
	if err != nil {
		return nil, err
	}
	var out []cid.Cid
	for _, p := range publishers {
		versions, err := n.db.History(p, key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		current, err := n.db.Entry(p, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(versions, func(c cid.Cid) bool { return c == current.CID && n.vouched(p) })...)
	}
	return out, nil
}

// purge removes from this node alone what nobody needs to agree on.
func (n *Node) purge(ctx context.Context, q api.PurgeRequest) (out api.Purged, err error) {
	if q.History {
		if out.Blocks, out.Bytes, err = n.db.CollectHistory(ctx, time.Now().Unix()+1); err != nil {
			return out, err
		}
	}
	if q.Snapshots {
		dir := filepath.Join(n.cfg.DataDir, "snapshots")
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return out, err
		}
		out.Snapshots = len(entries)
		if err := os.RemoveAll(dir); err != nil {
			return out, err
		}
	}
	for _, id := range q.Publishers {
		if err := n.purgePublisher(ctx, federation.PublisherID(id), &out); err != nil {
			return out, err
		}
	}
	return out, n.purgeRecords(ctx, q.Records, &out)
}

// purgePublisher removes what is left of a publisher for whom nobody speaks: its set and all versions.
func (n *Node) purgePublisher(ctx context.Context, p federation.PublisherID, out *api.Purged) error {
	if n.vouched(p) {
		return &api.AdminError{Message: fmt.Sprintf("somebody lets %s publish, so what it says stays; `publisher list` names them", p), Exit: api.ExitConflict}
	}
	if err := n.db.Release(ctx, p); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	records, err := n.db.PastVersions(p)
	if errors.Is(err, store.ErrNotFound) {
		return &api.AdminError{Message: "this node holds nothing of a publisher " + string(p), Exit: api.ExitNotFound}
	}
	if err != nil {
		return err
	}
	for _, c := range records {
		if err := n.purgeRecord(ctx, c, out); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (n *Node) purgeRecords(ctx context.Context, texts []string, out *api.Purged) error {
	for _, text := range texts {
		c, err := cid.Decode(text)
		if err != nil {
			return &api.AdminError{Message: fmt.Sprintf("%q is no CID of a record", text), Exit: api.ExitUsage}
		}
		if err := n.purgeRecord(ctx, c, out); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) purgeRecord(ctx context.Context, c cid.Cid, out *api.Purged) error {
	data, err := n.db.Get(c)
	if err != nil {
		return err
	}
	record, err := federation.DecodeRecord(data)
	if err != nil {
		return &api.AdminError{Message: c.String() + " is no record", Exit: api.ExitUsage}
	}
	gone, err := n.erasures.Remove(ctx, c, record)
	if err != nil {
		return err
	}
	if !gone {
		return &api.AdminError{Message: fmt.Sprintf("%s is in the current set of publisher %s, so it stays; block the course, or let its institution withdraw it", c, record.Publisher), Exit: api.ExitConflict}
	}
	out.Blocks, out.Bytes = out.Blocks+1, out.Bytes+int64(len(data))
	return nil
}
