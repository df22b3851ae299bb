package bench

import (
	"context"
	"io"
)

// generate writes synthetic courses as one Turtle document.
func generate(_ context.Context, opt Options, _ io.Writer) (Result, error) {
	out := opt.Out
	if out == nil {
		out = io.Discard
	}
	m := start("write")
	var size int64
	err := m.stage(0, func() (err error) {
		size, err = writeCourses(out, opt.N, opt.Seed)
		return err
	})
	result := m.stop(opt.N)
	result.Bytes, result.Triples = size, opt.N*courseTriples
	return result, err
}
