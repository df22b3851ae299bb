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
	slices.SortFunc(records, func(a, b cid.Cid) int { return slices.Compare(a.Bytes(), b.Bytes()) })
	return slices.CompactFunc(records, cid.Cid.Equals), nil
}

// pastVersions are those that any publisher's set had under the key, and has no longer.
func (n *Node) pastVersions(key string) ([]cid.Cid, error) {
	heads, err := n.db.Heads()
	if err != nil {
		return nil, err
	}
	var out []cid.Cid
	for _, h := range heads {
		versions, err := n.db.History(h.Publisher, key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		current, err := n.db.Entry(h.Publisher, key)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(versions, func(c cid.Cid) bool { return c == current.CID })...)
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
	return out, n.purgeRecords(q.Records, &out)
}

func (n *Node) purgeRecords(texts []string, out *api.Purged) error {
	for _, text := range texts {
		c, err := cid.Decode(text)
		if err != nil {
			return &api.AdminError{Message: fmt.Sprintf("%q is no CID of a record", text), Exit: api.ExitUsage}
		}
		data, err := n.db.Get(c)
		if err != nil {
			return err
		}
		record, err := federation.DecodeRecord(data)
		if err != nil {
			return &api.AdminError{Message: text + " is no record", Exit: api.ExitUsage}
		}
		gone, err := n.db.Erase(c, record.Publisher, record.Key())
		if err != nil {
			return err
		}
		if !gone {
			return &api.AdminError{Message: fmt.Sprintf("%s is in the current set of publisher %s, so it stays; block the course, or let its institution withdraw it", text, record.Publisher), Exit: api.ExitConflict}
		}
		out.Blocks, out.Bytes = out.Blocks+1, out.Bytes+int64(len(data))
	}
	return nil
}
