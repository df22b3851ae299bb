// Package federation holds what nodes must agree on, without I/O: provider, manifest, record,
// tree, head, equivocation proof and precedence. Validity is judged from the bytes alone
// (docs/protocol.md): two independent implementations accept the same bytes and reach the same roots.
//
// Everything that arrives from elsewhere goes through an Open function, which refuses whatever is
// not exactly the one encoding of an acceptable statement. What Open returns shares no memory with
// the bytes it was given.
package federation

import (
	"errors"
	"fmt"
)

// ErrInvalid is wrapped by every refusal of foreign bytes; the text says which rule failed.
var ErrInvalid = errors.New("invalid")

// Limits of records and heads in bytes, unless another unit is named.
const (
	MaxSubject  = 2 << 10 // the IRI a record is about
	MaxRecord   = 1 << 20 // a record's envelope
	MaxHead     = 16 << 10
	MaxProof    = 2*MaxHead + 64
	MaxErasure  = 16 << 10  // a notice of erasure
	MaxErased   = 300       // records that one notice names
	MaxTerms    = 2 << 10   // licence, and credit
	MaxDomains  = 200       // source domains in a head; receivers may be configured for more
	MaxSequence = 1<<53 - 1 // any number in a payload: what every JSON reader keeps exact

	maxSourceID = 2 << 10
	maxMapping  = 128
	maxText     = 2 << 10 // the URL of a node
	maxName     = 256     // name and alliance of a node
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...)
}
