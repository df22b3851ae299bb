package rdf

import "fmt"

// Limits bound what a decoder takes from foreign bytes; a zero field means the default.
type Limits struct {
	Bytes   int64 // of the document: 256 MiB, for JSON-LD 32 MiB
	Triples int   // of the document: 5,000,000
	Depth   int   // of nested [ ] ( ), JSON or XML elements: 64
	Literal int   // bytes of one literal or IRI as written, or of one tag of XML: 1 MiB
	Steps   int64 // bytes read and built: 1 MiB and 64 for each byte of the document
}

const (
	stepsFree    = 1 << 20
	stepsPerByte = 64
	// maxDepth keeps the recursion of any decoder harmless, whatever a caller asks for.
	maxDepth = 4096
)

func (l Limits) withDefaults(f Format) Limits {
	if l.Bytes <= 0 {
		l.Bytes = 256 << 20
		if f == JSONLD {
			l.Bytes = 32 << 20
		}
	}
	if l.Triples <= 0 {
		l.Triples = 5_000_000
	}
	if l.Depth <= 0 {
		l.Depth = 64
	}
	if l.Literal <= 0 {
		l.Literal = 1 << 20
	}
	l.Depth = min(l.Depth, maxDepth)
	return l
}

func overLimit(what string, limit int64) error {
	return fmt.Errorf("%w: %s (%d)", ErrLimit, what, limit)
}
