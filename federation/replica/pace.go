package replica

import (
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/federation"
)

// A publisher may change as many records in paceWindow as its quota has, and twice that at first; beyond it
// waits, with everything it published meanwhile coming as one. So an import is slowed and never refused,
// and no publisher can keep all others busy.
const (
	paceWindow  = time.Hour
	fewestPaced = 50 // what a head with fewer changes costs: verifying and committing it is work as well
)

// slots of the running transfers that large sets leave to others.
const (
	bulk      = 10_000 // records of a large set
	keptSlots = 1
)

// paced is when the next transfer may begin after one of so many changes.
func paced(before, now time.Time, changes int, quota uint64) time.Time {
	if earliest := now.Add(-paceWindow); before.Before(earliest) {
		before = earliest
	}
	share := float64(max(changes, fewestPaced)) / float64(max(quota, 1))
	return before.Add(time.Duration(share * float64(paceWindow)))
}

// spend notes what a switch cost the publisher.
func (r *Replica) spend(h federation.Head, changes int) {
	quota := r.quotaOf(h.Publisher)
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.publisher(h.Publisher); p != nil {
		p.paced, p.pacedBy = paced(p.paced, r.now(), changes, quota.Records), quota.Records
	}
}

// repace forgets what a publisher used up of a smaller quota, as a stranger, once it has a larger one.
func (p *publisher) repace(quota Quota) {
	if quota.Records > p.pacedBy {
		p.paced, p.pacedBy = time.Time{}, quota.Records
	}
}

// waits says why a publisher that there is something to fetch of is not fetched now; the caller holds mu.
func (r *Replica) waits(p *publisher, now time.Time) string {
	switch {
	case now.Before(p.paced):
		return fmt.Sprintf("slowed: it changed more than its quota of records within %s; goes on at %s",
			paceWindow, p.paced.UTC().Format(time.RFC3339))
	case p.best.news == nil && p.best.Count > bulk && r.running >= parallel-keptSlots:
		return "waits for other large sets"
	}
	return ""
}
