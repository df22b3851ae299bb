package store

import (
	"context"
	"fmt"
)

// Glance is the part of a Check that takes no time: header, format, the positions of the log, and current heads.
func (db *DB) Glance(ctx context.Context) (Report, error) {
	e := newExaminer(ctx, db, CheckOptions{})
	f, err := e.opened()
	if err != nil {
		return e.end(err)
	}
	if err := f.Close(); err != nil {
		return e.end(err)
	}
	if err := e.stage("numbers", e.numbers); err != nil || e.report.Found > 0 {
		return e.end(err)
	}
	heads, err := db.Heads()
	if err != nil {
		e.found(Finding{What: "head", Where: "current heads", Problem: fmt.Sprint(err)}, nil)
	}
	e.report.Publishers = len(heads)
	return e.end(nil)
}
