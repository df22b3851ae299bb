package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/federation/store"
)

// CheckDatabase looks whether the database of a data directory is sound, with no node and no configuration, and writes
// nothing. A file that is no database is a finding.
func CheckDatabase(ctx context.Context, dataDir string, progress func(harvest.Event)) (store.Report, error) {
	db, err := store.OpenToCheck(dataDir)
	if err != nil {
		return unopened(dataDir, err)
	}
	report, err := db.Check(ctx, store.CheckOptions{Progress: told(progress)})
	return report, errors.Join(err, db.Close())
}

// ScrubDatabase checks the same way and mends. Records that are lost come back from peers when the node runs, or with
// the next harvest.
func ScrubDatabase(ctx context.Context, dataDir string, progress func(harvest.Event)) (store.Report, error) {
	report, err := store.ScrubDir(ctx, dataDir, store.CheckOptions{Progress: told(progress)})
	if report.File == "" && err != nil {
		return unopened(dataDir, err)
	}
	if err != nil || report.LostCount+report.Released == 0 {
		return report, err
	}
	db, err := store.OpenToScrub(dataDir)
	if err != nil {
		return report, err
	}
	return report, errors.Join(renew(db, report), db.Close())
}

func unopened(dataDir string, err error) (store.Report, error) {
	f, ok := store.FileFinding(dataDir, err)
	if !ok || errors.Is(err, store.ErrLocked) {
		return store.Report{}, err
	}
	return store.Report{File: f.Where, Found: 1, Findings: []store.Finding{f}}, nil
}

// renew has the next harvest look at what is lost.
func renew(db *store.DB, report store.Report) error {
	if report.LostCount+report.Released == 0 {
		return nil
	}
	lost, err := db.Lost()
	if err != nil {
		return err
	}
	var keys []string
	if report.Released == 0 { // else any key may be lost
		for _, l := range lost {
			keys = append(keys, l.Key)
		}
	}
	_, err = harvest.Renew(db, keys)
	return err
}

// told shows each piece of work as an event.
func told(progress func(harvest.Event)) func(stage string, done int) {
	return func(stage string, done int) { progress(harvest.Event{Message: stage + " looked at", Done: done}) }
}

func (n *Node) upkeep() api.Upkeep { return api.Upkeep{Check: n.checkDB, Scrub: n.scrubDB} }

// checkDB also compares what the running node derived from its database.
func (n *Node) checkDB(ctx context.Context, _ api.UpkeepRequest, progress func(harvest.Event)) (store.Report, error) {
	report, err := n.db.Check(ctx, store.CheckOptions{Progress: told(progress)})
	if err != nil {
		return report, err
	}
	findings, err := n.derived(ctx)
	report.Found += len(findings)
	report.Findings = append(report.Findings, findings...)
	report.Sound = report.Sound && len(findings) == 0
	return report, err
}

// scrubDB mends the database under the running node and lets catalogue and search follow.
func (n *Node) scrubDB(ctx context.Context, _ api.UpkeepRequest, progress func(harvest.Event)) (store.Report, error) {
	report, err := n.db.Scrub(ctx, store.CheckOptions{Progress: told(progress), Young: time.Now().Add(-collectAfter).Unix()})
	if err == nil {
		err = renew(n.db, report)
	}
	if err != nil {
		return report, err
	}
	findings, err := n.derived(ctx)
	if err != nil || len(findings) == 0 && report.Mended == 0 && report.LostCount == 0 {
		return report, err
	}
	if err := n.catalogue.Rebuild(ctx); err != nil {
		return report, err
	}
	for _, f := range findings {
		f.Mended = true
		report.Findings = append(report.Findings, f)
	}
	report.Found, report.Mended = report.Found+len(findings), report.Mended+len(findings)
	return report, n.ready(ctx)
}

// derived compares catalogue and index with the database.
func (n *Node) derived(ctx context.Context) (findings []store.Finding, err error) {
	const fix = "run `coursemesh db scrub`, which makes it anew, or start the node again"
	if err := n.ready(ctx); err != nil {
		return nil, err
	}
	if at, last := n.catalogue.Position(), n.db.LastChange(); at > last {
		findings = append(findings, store.Finding{What: "catalogue", Where: "position in the change log", Problem: fmt.Sprintf("it has merged change %d, and the log ends at %d", at, last), Fix: fix})
	}
	strays, err := n.catalogue.Strays(ctx)
	if err != nil {
		return findings, err
	}
	if len(strays) > 0 {
		findings = append(findings, store.Finding{What: "catalogue", Where: strays[0], Problem: fmt.Sprintf("%d items are not what their publishers' sets hold", len(strays)), Fix: fix})
	}
	missing, err := n.unindexed(ctx)
	if len(missing) > 0 {
		findings = append(findings, store.Finding{What: "index", Where: missing[0], Problem: fmt.Sprintf("search does not have %d courses of the catalogue as they are", len(missing)), Fix: fix})
	}
	return findings, err
}

// unindexed lists keys that search lacks although their record can be read.
func (n *Node) unindexed(ctx context.Context) (keys []string, err error) {
	for _, item := range n.catalogue.WholeItems() {
		if err := ctx.Err(); err != nil {
			return keys, err
		}
		if !item.Indexed() || n.index.Has(item.Key, item.CID) {
			continue
		}
		if _, err := n.db.Record(item.CID); err == nil {
			keys = append(keys, item.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	if err := n.ready(ctx); err != nil { // it may have changed meanwhile
		return nil, err
	}
	still := keys[:0]
	for _, key := range keys {
		if item, ok := n.catalogue.Get(key); ok && !n.index.Has(key, item.CID) {
			still = append(still, key)
		}
	}
	return still, nil
}
