// Package source is what the adapters of JSON APIs share: reading answers under limits, lenient JSON
// values, texts with languages, the builder of course graphs, the walk over a source, and the form of
// a mapping table.
//
// It knows no standard. What it takes from a server is hostile until it is decoded: bytes, nesting and
// pages are limited, ids cannot change the path they are put into, and persons in values of free form
// are left out. It does no I/O of its own.
package source

// Limits bound what is taken from a server; a zero field means the default.
type Limits struct {
	PageBytes   int64 // of one answer; default 32 MiB
	RecordBytes int   // of one course, offering or looked-up object; default 2 MiB
	Depth       int   // of nested JSON; default 64
	Pages       int   // of one listing; default 100,000
	Offerings   int   // of one course; default 2,000
	HeldBytes   int64 // of what has to be held for later in a run; default 512 MiB
}

// WithDefaults fills the zero fields.
func (l Limits) WithDefaults() Limits {
	l.PageBytes = orDefault(l.PageBytes, 32<<20)
	l.RecordBytes = orDefault(l.RecordBytes, 2<<20)
	l.Depth = orDefault(l.Depth, 64)
	l.Pages = orDefault(l.Pages, 100_000)
	l.Offerings = orDefault(l.Offerings, 2_000)
	l.HeldBytes = orDefault(l.HeldBytes, 512<<20)
	return l
}

func orDefault[T int | int64](v, fallback T) T {
	if v > 0 {
		return v
	}
	return fallback
}
