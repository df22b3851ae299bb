package occapi

import "time"

// At makes an adapter whose clock a test moves.
func At(limits Limits, now *time.Time) *Adapter {
	a := New(limits)
	a.now = func() time.Time { return *now }
	return a
}
