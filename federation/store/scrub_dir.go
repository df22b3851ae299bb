package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
)

// ScrubDir scrubs the database of a directory that nobody has open. When only the order of keys or the list of free
// pages is wrong, it first writes the file anew from its rows, as a compaction does, and scrubs that.
func ScrubDir(ctx context.Context, dir string, options CheckOptions) (Report, error) {
	first, err := scrubOpened(ctx, dir, options)
	if err != nil || !first.Rewritable {
		return first, err
	}
	if err := rewrite(ctx, dir); err != nil {
		for i := range first.Findings {
			first.Findings[i].Fix = fixRestore + fmt.Sprintf(" (writing it anew failed: %v)", err)
		}
		return first, nil
	}
	report, err := scrubOpened(ctx, dir, options)
	for i := range first.Findings {
		first.Findings[i].Mended = true
	}
	report.Findings = append(first.Findings, report.Findings...)
	report.Found, report.Mended = report.Found+first.Found, report.Mended+first.Found
	return report, err
}

func scrubOpened(ctx context.Context, dir string, options CheckOptions) (Report, error) {
	db, err := OpenToScrub(dir)
	if err != nil {
		return Report{}, err
	}
	report, err := db.Scrub(ctx, options)
	return report, errors.Join(err, db.Close())
}

// rewrite puts a file with the same rows in the place of one whose pages cannot be relied on.
func rewrite(ctx context.Context, dir string) (err error) {
	db, err := OpenToScrub(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	made := filepath.Join(dir, compactName)
	if err := discard(made); err != nil {
		return err
	}
	if err := db.Copy(made); err != nil {
		return err
	}
	copied, err := opensWhole(ctx, made)
	if err == nil {
		err = copied.Close()
	}
	if err == nil {
		err = db.replaceBy(made)
	}
	if err != nil {
		return errors.Join(err, discard(made))
	}
	return nil
}
