package catalogue

import (
	"fmt"
	"maps"
	"slices"

	"github.com/coursemesh/coursemesh/federation"
)

// Standing is a (source domain, publisher) pair of a provider with all that ranks it, and why it is effective
// or not.
type Standing struct {
	federation.Pair
	By        string // domain of the alliance or authority through which the publisher counts, else ""
	Rank      int    // among the provider's pairs, best 0
	Effective bool
	Why       string // for people
}

// Row of the authority table.
func (s Standing) Row() federation.Row {
	return federation.Row{
		Provider: s.Provider, Domain: s.Domain, Publisher: s.Publisher, Class: s.Class, Rank: s.Rank, Effective: s.Effective,
	}
}

func rowsOf(standings []Standing) []federation.Row {
	out := make([]federation.Row, len(standings))
	for i, s := range standings {
		out[i] = s.Row()
	}
	return out
}

// explain ranks the pairs of one provider and says why each counts or not.
func (j *judge) explain(pairs []federation.Pair, by map[candidate]string) []Standing {
	var out []Standing
	ranked := federation.Rank(pairs)
	best, found := federation.Best(pairs)
	for i, p := range ranked {
		s := Standing{Pair: p, By: by[candidate{p.Domain, p.Publisher}], Rank: i, Effective: found && p == best}
		s.Why = j.why(s, best)
		out = append(out, s)
	}
	return out
}

// why finds the first of the conditions of PROTOCOL section 3 that a pair does not meet.
func (j *judge) why(s Standing, best federation.Pair) string {
	h := j.heads[s.Publisher]
	switch {
	case s.Effective:
		return "effective"
	case !s.Class.Speaks():
		return fmt.Sprintf("nobody lets this publisher speak for %s", s.Domain)
	case s.Relation == federation.None:
		return fmt.Sprintf("%s may not speak for %s: its manifest does not list it in delegates, and no alliance or configuration says so", s.Domain, s.Provider)
	case !h.effective():
		return fmt.Sprintf("two heads of one number are proven in epoch %d; the publisher counts again with a later epoch", h.proven)
	case !s.Lists:
		return fmt.Sprintf("its head does not list %s as completely harvested yet", s.Domain)
	case s.Records == 0 && s.Domain != s.Provider:
		return fmt.Sprintf("it has no record of %s", s.Provider)
	}
	return fmt.Sprintf("%s from %s by %s ranks before it", best.Class, best.Domain, best.Publisher)
}

// Standings are all pairs of held heads, of every provider by rank. Those of classes that do not speak are
// among them, behind the others; they have no row in the authority table.
func (c *Catalogue) Standings() []Standing {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return flat(c.ranked)
}

// StandingsOf are the pairs of one provider.
func (c *Catalogue) StandingsOf(provider string) []Standing {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.ranked[provider]
}

func flat(ranked map[string][]Standing) []Standing {
	var out []Standing
	for _, id := range slices.Sorted(maps.Keys(ranked)) {
		out = append(out, ranked[id]...)
	}
	return out
}
