package harvest

import (
	"time"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
)

// Options of one harvest asked for by a person.
type Options struct {
	Source    string // key of the only source to run; "" means all
	Website   string // for the search order, when configuration does not know it
	Scheduled bool   // leave out sources that were read less than their refresh time ago
	Fresh     bool   // ask for everything anew, whatever is held
	AllowMove bool   // follow a manifest that DNS now locates elsewhere
	AllowLoss bool   // withdraw even when the loss guard would wait for approval
	Progress  func(Event)
}

// Event is progress for a person.
type Event struct {
	Domain  string `json:"domain,omitempty"`
	Source  string `json:"source,omitempty"`
	Done    int    `json:"done,omitempty"` // records read so far
	Message string `json:"message,omitempty"`
}

func (o Options) tell(e Event) {
	if o.Progress != nil {
		o.Progress(e)
	}
}

// Report is the outcome of a harvest (CONTRACTS 'harvest X').
type Report struct {
	Fetched   int       `json:"fetched"` // courses read from sources
	New       int       `json:"new"`
	Changed   int       `json:"changed"`
	Withdrawn int       `json:"withdrawn"`
	Rejected  int       `json:"rejected"`
	Findings  int       `json:"findings"`
	Removed   int       `json:"persons_removed"` // person objects and personal addresses
	Head      string    `json:"head"`            // CID of the publisher's head afterwards
	Errors    []Problem `json:"errors"`
	Notes     []Problem `json:"notes,omitempty"`
	Unlisted  []string  `json:"unlisted,omitempty"` // institutions that this node's head has no place for

	Quality *profile.Quality `json:"quality,omitempty"` // what the application profile says of the courses read
}

// Problem names a record, the place in the source, what is wrong and the fix in the source's own terms.
type Problem struct {
	Subject string `json:"subject"`
	Where   string `json:"where"`
	Field   string `json:"field,omitempty"` // in the source's own terms
	Value   string `json:"value,omitempty"` // as the source has it, cut short
	Message string `json:"message"`
	Fix     string `json:"fix"`

	Severity string `json:"severity,omitempty"` // of a finding of the application profile: violation, warning, info
	Property string `json:"property,omitempty"` // and what it is about
}

const keptProblems = 1000 // of each sort in one report

func (r *Report) reject(p Problem) {
	r.Rejected++
	r.fail(p)
}

// fail notes an error that is not about one record.
func (r *Report) fail(p Problem) {
	if len(r.Errors) < keptProblems {
		r.Errors = append(r.Errors, p)
	}
}

func (r *Report) note(p Problem) {
	r.Findings++
	if len(r.Notes) < keptProblems {
		r.Notes = append(r.Notes, p)
	}
}

// add sums the counts of another report into this one.
func (r *Report) add(o Report) {
	r.Fetched += o.Fetched
	r.New += o.New
	r.Changed += o.Changed
	r.Withdrawn += o.Withdrawn
	r.Rejected += o.Rejected
	r.Findings += o.Findings
	r.Removed += o.Removed
	r.Errors = append(r.Errors, o.Errors...)
	r.Notes = append(r.Notes, o.Notes...)
	r.Unlisted = append(r.Unlisted, o.Unlisted...)
	switch {
	case r.Quality == nil:
		r.Quality = o.Quality
	case o.Quality != nil:
		sum := r.Quality.Merge(*o.Quality)
		r.Quality = &sum
	}
}

// SourceState is what this node knows of one announced source.
type SourceState struct {
	Domain    string                    `json:"domain"`
	Order     int                       `json:"order"` // place in the manifest
	Spec      federation.ManifestSource `json:"spec"`
	ByHand    bool                      `json:"by_hand,omitempty"`   // not from the domain's manifest
	Publisher federation.PublisherID    `json:"publisher,omitempty"` // who signed what was listed
	Finished  bool                      `json:"finished"`            // listed completely once by that publisher, or failed three times
	Failures  int                       `json:"failures"`            // since the last complete run
	Absent    int                       `json:"absent"`              // checks since the manifest no longer names it
	Empty     int                       `json:"empty,omitempty"`     // complete listings of nothing in a row
	Nameless  int                       `json:"nameless,omitempty"`  // entries without identity in the last listing
	Doubted   int                       `json:"doubted,omitempty"`   // entries without identity in a listing that was held for them
	Listed    int                       `json:"listed"`              // courses in the last complete listing; before one, the most that a run read
	Complete  time.Time                 `json:"complete,omitzero"`   // start of the last complete run
	Last      time.Time                 `json:"last,omitzero"`
	Stale     time.Time                 `json:"stale,omitzero"` // since when its manifest cannot be read
	State     string                    `json:"state"`
	Problem   string                    `json:"problem,omitempty"`
	Mappings  []string                  `json:"mappings,omitempty"` // of the items of the last complete run
	Basis     string                    `json:"basis,omitempty"`    // what the last complete run rests on beside the source's bytes; "" never holds
}

func sourceKey(domain, source string) string { return domain + "|" + source }

// Sources lists what is known of a domain's sources, of all for "", by domain.
func (h *Harvester) Sources(domain string) []SourceState {
	var out []SourceState
	if domain != "" {
		domain += "|"
	}
	for _, s := range h.sources.All(domain) {
		out = append(out, s)
	}
	return out
}
