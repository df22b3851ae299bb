package doctor

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/coursemesh/coursemesh/federation/replica"
)

// manyFailures in a row, or a time without a complete reading, after which a source needs somebody.
const (
	manyFailures = 3
	longAgo      = 7 * 24 * time.Hour
	named        = 5 // in one message
)

const noReason = "no reason given"

// sources looks at the last harvest of everything that is configured.
func (v *visit) sources() {
	const name = "harvest"
	seen, failing, stale := map[string]bool{}, []string{}, []string{}
	for _, s := range v.facts.sources {
		seen[s.domain] = true
		switch {
		case s.failures >= manyFailures || s.failures > 0 && v.Now().Sub(s.complete) > longAgo:
			failing = append(failing, s.name+": "+cmp.Or(s.problem, s.state, noReason))
		case !s.stale.IsZero():
			stale = append(stale, s.domain)
		case s.state == "held":
			v.say(name, Warn, "look at the source, then `coursemesh harvest "+s.domain+" --allow-loss` if it is right", "%s waits for approval: it lists far fewer courses than before", s.name)
		}
	}
	if len(failing) > 0 {
		v.say(name, Warn, "`coursemesh source list`, then `source log SOURCE` name every problem and its fix", "%d sources fail: %s", len(failing), some(failing))
	}
	if len(stale) > 0 {
		v.say(name, Warn, "let the institution mend its manifest; `coursemesh discover DOMAIN` lists every place tried", "manifests that cannot be read: %s", some(stale))
	}
	var never []string
	for _, domain := range v.Config.Harvest.Domains {
		if !seen[domain] {
			never = append(never, domain)
		}
	}
	if len(never) > 0 {
		v.say(name, Warn, "`coursemesh harvest DOMAIN` says why", "no source is known of: %s", some(never))
	}
	if len(failing)+len(stale)+len(never) == 0 {
		v.ok(name, "%d sources of %d configured domains, none fails", len(v.facts.sources), len(v.Config.Harvest.Domains))
	}
}

// some names the first few.
func some(names []string) string {
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) <= named {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:named], ", ") + ", ..."
}

// publishers looks at whom this node follows.
func (v *visit) publishers() {
	const name = "publishers"
	var frozen, behind, proven []string
	for _, p := range v.facts.publishers {
		switch {
		case p.Frozen != nil:
			frozen = append(frozen, string(p.ID)+" ("+p.Frozen.Reason+")")
		case p.Replica != nil && p.Replica.State == replica.Proven:
			proven = append(proven, string(p.ID))
		case p.Replica != nil && p.Head != "" && (p.Replica.State == replica.Behind || p.Replica.State == replica.Refused):
			behind = append(behind, string(p.ID)+" ("+cmp.Or(p.Replica.Reason, p.Replica.State)+")")
		case p.Self && p.Effective == 0 && p.Records > 0:
			v.say(name, Warn, "the institutions list this publisher's id under `publishers` in their manifests: `coursemesh key show` prints it", "no institution lets this node's publisher speak for it, so that its courses are shown here only")
		}
	}
	for _, found := range []struct {
		names     []string
		what, fix string
	}{
		{frozen, "frozen here", "`coursemesh publisher freeze ID --unfreeze` when the doubt is over"},
		{behind, "not followed to their newest head", "`coursemesh publisher list` has the reasons"},
		{proven, "proven to have signed two heads of one number", "nothing to do here: they heal with their next epoch. If it is this node's own, stop the other node that has its key"},
	} {
		if len(found.names) > 0 {
			v.say(name, Warn, found.fix, "%d publishers are %s: %s", len(found.names), found.what, some(found.names))
		}
	}
	if v.facts.lost > 0 {
		v.say(name, Warn, "start the node, so that it asks its peers, or harvest", "%d records were lost to damage and are not back", v.facts.lost)
	}
	if len(frozen)+len(behind)+len(proven) == 0 && v.Running != nil {
		v.ok(name, "%d are held, none is frozen or behind", len(v.facts.publishers))
	}
}

// evidence looks at manifests whose word will not count much longer.
func (v *visit) evidence() {
	if len(v.facts.evidence) == 0 {
		v.ok("evidence", "whom institutions let publish is known, and no manifest fails")
		return
	}
	for _, e := range v.facts.evidence {
		fix := "let the institution mend it, then `coursemesh publisher check " + e.Domain + "`"
		switch until := e.Expires(); {
		case e.Spent:
			v.say("evidence", Fail, fix, "what the manifest of %s said no longer counts, and with it its publishers: %s", e.Domain, e.Problem)
		case until.IsZero():
			v.say("evidence", Warn, fix, "the manifest of %s cannot be read now", e.Domain)
		default:
			v.say("evidence", Warn, fix, "the manifest of %s cannot be read; what it said counts until %s: %s", e.Domain, until.UTC().Format(time.DateOnly), e.Problem)
		}
	}
}
