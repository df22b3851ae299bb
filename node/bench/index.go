package bench

import (
	"context"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/federation/index"
)

// indexing measures how a node that starts brings its catalogue into the index: reads each record from the store, with
// its hash, decodes it, and puts its words, columns and identifiers in.
func indexing(ctx context.Context, opt Options, progress io.Writer) (Result, error) {
	return withLibrary(ctx, opt, progress, func(l *library, _ string) (Result, error) {
		fmt.Fprintln(progress, "indexing it")
		return indexLibrary(ctx, l, opt.N)
	})
}

func indexLibrary(ctx context.Context, l *library, n int) (Result, error) {
	m := start("index")
	before := anonymous()
	ix := index.New(index.Config{Catalogue: l.catalogue, Get: l.db.Get, Known: l.provider})
	err := m.stage(0, func() error { return loadIndex(ctx, ix) })
	result := m.stop(n)
	if err != nil {
		return Result{}, err
	}
	tidy()
	result.Courses, result.HeldBytes = ix.Len(), max(0, anonymous()-before)
	if result.Courses != n {
		return Result{}, fmt.Errorf("%d courses of %d are in the index", result.Courses, n)
	}
	return result, nil
}

// loadIndex runs an index until it has the catalogue.
func loadIndex(ctx context.Context, ix *index.Index) error {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- ix.Run(ctx) }()
	var err error
	select {
	case <-ix.Ready():
		cancel()
		<-ended // that it was cancelled
	case err = <-ended:
	}
	cancel()
	return err
}
