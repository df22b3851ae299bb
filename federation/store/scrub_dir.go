package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// ScrubDir scrubs the database of a directory that nobody has open. When anything is wrong and every page can be reached,
// it first writes the file anew from its rows, as a compaction does, and scrubs that: damage to a page can make one row
// look like damage to another, and what is deleted or written beside it could spread it.
func ScrubDir(ctx context.Context, dir string, options CheckOptions) (Report, error) {
	first, err := checkOpened(ctx, dir, options)
	pages := slices.DeleteFunc(slices.Clone(first.Findings), func(f Finding) bool { return f.What != "page" && f.What != "file" })
	if err != nil || first.Found == 0 || (len(pages) > 0 && !first.Rewritable) {
		return scrubOpened(ctx, dir, options)
	}
	if err := rewrite(ctx, dir); err != nil && len(pages) > 0 {
		for i := range first.Findings {
			first.Findings[i].Fix = fixRestore + fmt.Sprintf(" (writing it anew failed: %v)", err)
		}
		return first, nil
	}
	report, err := scrubOpened(ctx, dir, options)
	for i := range pages {
		pages[i].Mended = true
	}
	report.Findings = append(pages, report.Findings...)
	report.Found, report.Mended = report.Found+len(pages), report.Mended+len(pages)
	return report, err
}

func checkOpened(ctx context.Context, dir string, options CheckOptions) (Report, error) {
	return examined(dir, OpenToCheck, func(db *DB) (Report, error) { return db.Check(ctx, options) })
}

func scrubOpened(ctx context.Context, dir string, options CheckOptions) (Report, error) {
	return examined(dir, OpenToScrub, func(db *DB) (Report, error) { return db.Scrub(ctx, options) })
}

func examined(dir string, open func(dir string) (*DB, error), do func(*DB) (Report, error)) (Report, error) {
	db, err := open(dir)
	if err != nil {
		return Report{}, err
	}
	report, err := do(db)
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
