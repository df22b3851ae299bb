package harvest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/profile"
	"github.com/coursemesh/coursemesh/federation/store"
)

// headRest is what a head may need beside its domains: the node's texts, links, key and signature.
const headRest = 4 << 10

// finished lists the domains of which every source has finished a complete listing once; a domain once listed
// stays. Those that the head has no place for wait.
func (h *Harvester) finished(listed []string) []string {
	out := slices.Clone(listed)
	if h.room(out) <= 0 {
		return out
	}
	complete := map[string]bool{}
	for _, s := range h.sources.All("") {
		was, seen := complete[s.Domain]
		complete[s.Domain] = h.done(s) && (was || !seen)
	}
	for _, domain := range slices.Sorted(maps.Keys(complete)) {
		if complete[domain] && !slices.Contains(listed, domain) && h.room(out) >= len(domain) {
			out = append(out, domain)
		}
	}
	slices.Sort(out)
	return out
}

// done says that this publisher has listed a source completely once.
func (h *Harvester) done(s SourceState) bool { return s.Finished && s.Publisher == h.self }

// room is how long the name of one more domain in a head may be.
func (h *Harvester) room(listed []string) int {
	const frame = 2 // bytes about each name
	if len(listed) >= h.cfg.Listed {
		return 0
	}
	room := federation.MaxHead - headRest - frame
	for _, domain := range listed {
		room -= len(domain) + frame
	}
	return room
}

// leftOut says of a domain that it has been listed completely and the head had no place for it.
func (h *Harvester) leftOut(domain string, head store.Held) bool {
	if slices.Contains(head.Domains, domain) {
		return false
	}
	states := h.Sources(domain)
	return len(states) > 0 && !slices.ContainsFunc(states, func(s SourceState) bool { return !h.done(s) })
}

// unlisted tells, once in a report and once in the log, which institutions count nowhere because the head is full.
func (h *Harvester) unlisted(r *Report) {
	if len(r.Unlisted) == 0 {
		return
	}
	slices.Sort(r.Unlisted)
	p := Problem{
		Where: "harvest.domains", Severity: profile.Warning,
		Message: fmt.Sprintf("the head of this node is full: it has place for %d institutions, at most %d KiB in all, which is what others accept of one publisher; "+
			"the courses of %s are signed, and count nowhere until a head lists the institution", h.cfg.Listed, federation.MaxHead>>10, some(r.Unlisted)),
		Fix: fmt.Sprintf("harvest the rest from a second node; or put limits.publishers: [{id: %s, domains: %d}] into the configuration of this node and of all that follow it",
			h.self, h.cfg.Listed+len(r.Unlisted)),
	}
	r.note(p)
	h.overflow.Do(func() { h.cfg.Log.Warn(p.Message, "fix", p.Fix) })
}

// some names the first few.
func some(domains []string) string {
	const few = 3
	if len(domains) <= few {
		return strings.Join(domains, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(domains[:few], ", "), len(domains)-few)
}
