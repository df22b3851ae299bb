package api

import (
	"fmt"
	"time"

	"github.com/coursemesh/coursemesh/api/network"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/authority"
	"github.com/coursemesh/coursemesh/federation/catalogue"
)

// standing tells people why a pair counts or not, with the evidence that decides.
func (a *API) standing(s catalogue.Standing) network.Standing {
	decides := s.Domain
	if s.By != "" {
		decides = s.By
	}
	out := network.Standing{
		Provider: s.Provider, Domain: s.Domain, Publisher: s.Publisher, Class: s.Class, By: s.By, Relation: s.Relation.String(),
		Rank: s.Rank, Records: s.Records, Listed: s.Lists, Effective: s.Effective, Why: s.Why,
		Evidence: a.evidence(decides),
	}
	out.Because = because(out)
	return out
}

func (a *API) standings(list []catalogue.Standing) []network.Standing {
	out := make([]network.Standing, len(list))
	for i, s := range list {
		out[i] = a.standing(s)
	}
	return out
}

// because names the source of a class.
func because(s network.Standing) string {
	at := "its manifest"
	if s.Evidence != nil && s.Evidence.URL != "" {
		at = s.Evidence.URL
	}
	switch {
	case s.Class == federation.Delegated:
		return "listed under publishers at " + at
	case s.Class == federation.AllianceClass:
		return fmt.Sprintf("published by alliance %s: listed at %s, and %s is a member that names no publisher in effect", s.By, at, s.Domain)
	case s.Class == federation.Authoritative && s.By != "":
		return fmt.Sprintf("%s is an authority for %s by this node's configuration, and lists it at %s", s.By, s.Domain, at)
	case s.Class == federation.Member, s.Class == federation.Authoritative:
		return "trusted by this node's operator"
	}
	return unverified(s.Domain, at, s.Evidence)
}

func unverified(domain, at string, e *network.Evidence) string {
	switch {
	case e == nil:
		return fmt.Sprintf("no registry or configuration knows %s, so nobody can be let publish for it", domain)
	case e.State == network.EvidenceUnchecked:
		return fmt.Sprintf("this node has not looked yet whom %s lets publish", domain)
	case e.State == network.EvidenceNone, e.State == network.EvidenceLost:
		return fmt.Sprintf("%s shows no manifest: %s", domain, e.Problem)
	case e.Publishers == nil:
		return fmt.Sprintf("%s has no key publishers", at)
	case len(*e.Publishers) == 0:
		return fmt.Sprintf("%s lets nobody publish: its list of publishers is empty", at)
	}
	return fmt.Sprintf("%s lists other publishers", at)
}

// evidence of a known domain, nil of one that can show none.
func (a *API) evidence(domain string) *network.Evidence {
	e, ok := a.cfg.Authority.Evidence(domain)
	switch {
	case ok:
		return &network.Evidence{
			Domain: domain, State: evidenceState(e), URL: e.URL, Publishers: e.Publishers, Delegates: notNull(e.Delegates),
			Withdrawn: e.Withdrawn, Fetched: second(e.Fetched), Checked: second(e.Checked), Failing: second(e.Failing), Expires: second(e.Expires()), Problem: e.Problem,
		}
	case a.cfg.Authority.ShowsEvidence(domain):
		return &network.Evidence{Domain: domain, State: network.EvidenceUnchecked, Delegates: []string{}}
	}
	return nil
}

func evidenceState(e authority.Evidence) string {
	switch {
	case e.Spent && e.URL != "":
		return network.EvidenceLost
	case e.URL == "":
		return network.EvidenceNone
	case !e.Failing.IsZero():
		return network.EvidenceKept
	}
	return network.EvidenceHeld
}

// second is a time as this interface gives times; zero stays zero.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
