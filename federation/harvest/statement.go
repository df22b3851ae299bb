package harvest

import (
	"errors"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/ipfs/go-cid"
)

// statement makes the unsigned record of an item, or says why it is unusable: no identity, no title, over a
// limit. Everything else is a finding.
func (r *run) statement(item adapters.Item, mapping string) (federation.Record, *Problem) {
	draft, unfit := r.h.institutions.Draft(item, mapping, r.state.Spec, r.state.Domain)
	if draft.Subject == "" {
		return federation.Record{}, &Problem{Where: item.Where, Message: unfit.Message, Fix: unfit.Fix}
	}
	if draft.Unknown {
		r.report.note(Problem{
			Subject: draft.Subject, Where: r.place(item.Where),
			Message: "the publisher named is none that this node knows; recorded under " + draft.Provider,
			Fix:     "name the institution by its SCHAC identifier",
		})
	}
	for _, link := range item.Graph.WrongSkillLinks() {
		r.report.note(Problem{
			Subject: draft.Subject, Where: r.place(item.Where), Field: link.Property, Value: clip(link.Value),
			Message: says(link.Property, link.Message+": "+clip(link.Value)), Fix: link.Fix,
		})
	}
	r.report.Removed += draft.Removed.Persons + draft.Removed.Addresses
	if unfit != nil {
		return federation.Record{}, &Problem{Subject: draft.Subject, Where: item.Where, Message: unfit.Message, Fix: unfit.Fix}
	}
	return federation.Record{
		Licence: draft.Terms.Licence, Credit: draft.Terms.Credit,
		Kind: draft.Kind, Subject: draft.Subject, Provider: draft.Provider, Graph: draft.Graph,
		Source:  federation.Source{Domain: r.state.Domain, ID: r.state.Spec.Key()},
		Mapping: draft.Mapping, Snapshot: r.fetched.snapshot(item.Where), Issued: r.h.cfg.Now().Unix(), Publisher: r.h.self,
	}, nil
}

// statementHeld is what this publisher says under a key now.
type statementHeld struct {
	cid    cid.Cid
	record federation.Record
	lost   bool // its block is damaged or missing, so what it says is not known
}

func (r *run) held(key string) (*statementHeld, error) {
	entry, err := r.h.cfg.DB.Entry(r.h.self, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	data, err := r.h.cfg.DB.Get(entry.CID)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
		return &statementHeld{cid: entry.CID, lost: true}, nil // what it said is said anew
	}
	if err != nil {
		return nil, err
	}
	record, err := federation.DecodeRecord(data)
	return &statementHeld{cid: entry.CID, record: record}, err
}

// sameStatement compares what makes a record be issued anew (PROTOCOL section 2).
func sameStatement(a, b federation.Record) bool {
	return string(a.Graph) == string(b.Graph) && a.Source.Domain == b.Source.Domain &&
		a.Licence == b.Licence && a.Credit == b.Credit
}
