package replica

import (
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
)

// barred is why no head of a publisher is taken, until authority changes.
type barred string

func (b barred) Error() string { return string(b) }

const notAuthorised = barred("publisher has no authority here")

// bar says why no head of a publisher can be taken.
func (r *Replica) bar(id federation.PublisherID) error {
	if reason, frozen := r.authority.Frozen(id); frozen {
		return barred("frozen by the operator: " + reason)
	}
	if r.unverified.Records == 0 && r.authority.Best(id) == federation.Unverified {
		return notAuthorised
	}
	return nil
}

// admissible says why a head cannot be taken, apart from order.
func (r *Replica) admissible(h federation.Head) error {
	if h.Publisher == r.self {
		return errors.New("head of this node's own publisher comes from elsewhere")
	}
	if err := r.bar(h.Publisher); err != nil {
		return err
	}
	if r.chosen != nil {
		if why := r.chosen(h); why != "" {
			return errors.New(why)
		}
	}
	if r.unverifiedQuota(h.Publisher) {
		if err := r.roomForUnverified(h.Publisher); err != nil {
			return err
		}
	}
	quota := r.quotaOf(h.Publisher)
	switch {
	case h.Count > quota.Records:
		return fmt.Errorf("over quota: %d records, %d are allowed", h.Count, quota.Records)
	case h.Bytes > quota.Bytes:
		return fmt.Errorf("over quota: %d bytes, %d are allowed", h.Bytes, quota.Bytes)
	case len(h.Domains) > quota.Domains:
		return fmt.Errorf("over quota: %d source domains, %d are allowed", len(h.Domains), quota.Domains)
	}
	return nil
}

// quotaOf is the publisher's own quota by configuration, else that of those with or without authority.
func (r *Replica) quotaOf(id federation.PublisherID) Quota {
	if own, ok := r.quotas[id]; ok {
		return own
	}
	if r.unverifiedQuota(id) {
		return r.unverified
	}
	return r.quota
}

func (r *Replica) unverifiedQuota(id federation.PublisherID) bool {
	_, own := r.quotas[id]
	return !own && r.authority.Best(id) == federation.Unverified
}

// maxUnverified is how many publishers without authority a node keeps that wants any.
const maxUnverified = 100

// stillRoom looks again when a transfer has come to its end: others went on beside it.
func (r *Replica) stillRoom(id federation.PublisherID) error {
	if !r.unverifiedQuota(id) {
		return nil
	}
	if err := r.roomForUnverified(id); err != nil {
		return fmt.Errorf("%w: %w", errInadmissible, err)
	}
	return nil
}

func (r *Replica) roomForUnverified(id federation.PublisherID) error {
	held, err := r.db.Heads()
	if err != nil {
		return err
	}
	kept := 0
	for _, h := range held {
		if h.Publisher == id {
			return nil
		}
		if h.Publisher != r.self && r.authority.Best(h.Publisher) == federation.Unverified {
			kept++
		}
	}
	if kept >= maxUnverified {
		return fmt.Errorf("%w; %d such publishers are kept already", notAuthorised, kept)
	}
	return nil
}
