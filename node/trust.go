package node

import (
	"errors"
	"fmt"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/replica"
)

// check normalises domains and refuses statements that can match nothing.
func (t *TrustConfig) check(bad func(key string, err error)) {
	for i := range t.Publishers {
		bad(fmt.Sprintf("trust.publishers[%d]", i), t.Publishers[i].Check())
	}
	for i := range t.Alliances {
		bad(fmt.Sprintf("trust.alliances[%d]", i), checkAlliance(&t.Alliances[i]))
	}
	for i := range t.Authorities {
		bad(fmt.Sprintf("trust.authorities[%d]", i), checkSteward(&t.Authorities[i]))
	}
}

func checkAlliance(a *federation.Alliance) error {
	domain, err := federation.NormaliseDomain(a.Domain)
	problems := []error{wrapped("domain", err)}
	a.Domain = domain
	for i, member := range a.Members {
		p := federation.Provider{ID: member}
		problems = append(problems, wrapped(fmt.Sprintf("members[%d]", i), checkProvider(&p)))
		a.Members[i] = p.ID
	}
	if len(a.Members) == 0 {
		problems = append(problems, errors.New("members: list at least one institution"))
	}
	return errors.Join(problems...)
}

func checkSteward(s *authority.Steward) error {
	domain, err := federation.NormaliseDomain(s.Domain)
	problems := []error{wrapped("domain", err)}
	s.Domain = domain
	for i, pattern := range s.Providers {
		problems = append(problems, authority.CheckPattern(fmt.Sprintf("providers[%d]", i), pattern))
	}
	if len(s.Providers) == 0 {
		problems = append(problems, errors.New("providers: list at least one institution or pattern such as *.example"))
	}
	return errors.Join(problems...)
}

func wrapped(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", key, err)
}

func (l *LimitsConfig) check(bad func(key string, err error)) {
	for _, v := range []struct {
		key   string
		value int64
		least int64
	}{
		{"publisher_records", l.PublisherRecords, 1},
		{"publisher_bytes", l.PublisherBytes, 1},
		{"publisher_domains", l.PublisherDomains, 1},
		{"unverified_records", l.UnverifiedRecords, 0},
		{"unverified_bytes", l.UnverifiedBytes, 0},
		{"streams", l.Streams, 1},
		{"requests_per_minute", l.Requests, 0},
	} {
		if v.value < v.least {
			bad("limits."+v.key, fmt.Errorf("%d: at least %d", v.value, v.least))
		}
	}
	for i, q := range l.Publishers {
		if !q.ID.Valid() || q.Records < 0 || q.Bytes < 0 || q.Domains < 0 {
			bad(fmt.Sprintf("limits.publishers[%d]", i), fmt.Errorf("%+v: an id (12D3Koo...) and amounts that are not negative", q))
		}
	}
}

func (l *LimitsConfig) quota() replica.Quota {
	return replica.Quota{Records: uint64(l.PublisherRecords), Bytes: uint64(l.PublisherBytes), Domains: int(l.PublisherDomains)}
}

func (l *LimitsConfig) unverified() replica.Quota {
	return replica.Quota{Records: uint64(l.UnverifiedRecords), Bytes: uint64(l.UnverifiedBytes), Domains: int(l.PublisherDomains)}
}

// quotas of single publishers; what they leave out is the general quota.
func (l *LimitsConfig) quotas() map[federation.PublisherID]replica.Quota {
	out := map[federation.PublisherID]replica.Quota{}
	for _, own := range l.Publishers {
		q := l.quota()
		if own.Records > 0 {
			q.Records = uint64(own.Records)
		}
		if own.Bytes > 0 {
			q.Bytes = uint64(own.Bytes)
		}
		if own.Domains > 0 {
			q.Domains = int(own.Domains)
		}
		out[own.ID] = q
	}
	return out
}

// shown is what /v1/node says of the limits.
func (l *LimitsConfig) shown() map[string]int64 {
	return map[string]int64{
		"publisher_records": l.PublisherRecords, "publisher_bytes": l.PublisherBytes, "publisher_domains": l.PublisherDomains,
		"unverified_records": l.UnverifiedRecords, "unverified_bytes": l.UnverifiedBytes,
		"streams": l.Streams, "requests_per_minute": l.Requests,
	}
}
