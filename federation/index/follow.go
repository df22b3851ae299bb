package index

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/catalogue"
	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/coursemesh/coursemesh/federation/rdf"
	"golang.org/x/sync/errgroup"
)

const batch = 256 // documents put in under one lock

// Run follows the catalogue until ctx ends.
func (ix *Index) Run(ctx context.Context) error {
	return ix.cfg.Catalogue.Follow(ctx, func(changed []catalogue.Item, removed []string) error {
		began := time.Now()
		ix.commit(nil, removed)
		for len(changed) > 0 {
			n := min(batch, len(changed))
			if err := ix.load(ctx, changed[:n]); err != nil {
				return err
			}
			changed = changed[n:]
		}
		ix.once.Do(func() {
			ix.cfg.Log.Info("index loaded", "courses", ix.Len(), "seconds", time.Since(began).Seconds())
			close(ix.ready)
		})
		return nil
	})
}

// load reads records beside each other and puts them in together. A record that cannot be read is
// left out and logged: the catalogue goes on without it.
func (ix *Index) load(ctx context.Context, items []catalogue.Item) error {
	loaded := make([]*prepared, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, item := range items {
		group.Go(func() error {
			d, ok, err := ix.document(item)
			if err != nil {
				ix.cfg.Log.Error("record left out of the index", "key", item.Key, "cid", item.CID, "error", err)
			}
			if ok && err == nil {
				p := prepare(d)
				loaded[i] = &p
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	var docs []prepared
	var gone []string
	for i, p := range loaded {
		if p != nil {
			docs = append(docs, *p)
		} else {
			gone = append(gone, items[i].Key)
		}
	}
	ix.commit(docs, gone)
	return nil
}

// document reads the record of an item; false for kinds that are neither course nor offering.
func (ix *Index) document(item catalogue.Item) (Document, bool, error) {
	kind, _, _, err := federation.SplitKey(item.Key)
	if err != nil || kind != federation.KindCourse && kind != federation.KindOffering {
		return Document{}, false, err
	}
	envelope, err := ix.cfg.Get(item.CID)
	if err != nil {
		return Document{}, false, err
	}
	record, err := federation.DecodeRecord(envelope)
	if err != nil {
		return Document{}, false, err
	}
	triples, err := rdf.ParseTrusted(record.Graph)
	if err != nil {
		return Document{}, false, fmt.Errorf("graph: %w", err)
	}
	if kind == federation.KindOffering {
		return DocumentOfOffering(item, record, elm.ViewOffering(record.Subject, triples)), true, nil
	}
	view := elm.View(record.Subject, triples)
	d := DocumentOf(item, record, view, ValidityOf(record.Subject, view.Active, triples), ix.cfg.Known)
	if ix.cfg.Alliances != nil {
		d.Values[Alliance] = ix.cfg.Alliances(record.Provider)
	}
	return d, true, nil
}
