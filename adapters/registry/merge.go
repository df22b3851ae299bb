package registry

import (
	"cmp"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation"
)

// Merge makes one snapshot of several lists. What an earlier list says of a name, country or website wins.
func Merge(lists ...List) Snapshot {
	m := merger{by: map[string]*group{}}
	for _, l := range lists {
		for _, e := range l.entries {
			m.take(e)
		}
	}
	return m.snapshot()
}

// group is one institution or alliance, as all lists know it.
type group struct {
	entry
	final string // provider id
}

// merger finds the group of an entry by its identifiers.
type merger struct {
	groups []*group
	by     map[string]*group // typed identifier -> group
}

// keys are an entry's identifiers, the strongest first; each names its kind.
func (e entry) keys() []string {
	var out []string
	add := func(kind, value string) {
		if value != "" {
			out = append(out, kind+" "+strings.ToLower(value))
		}
	}
	if number, ok := strings.CutPrefix(e.id, "deqarinst"); ok {
		add("deqar", strings.TrimLeft(number, "0"))
	} else {
		add("schac", e.id)
	}
	for _, domain := range slices.Concat(e.schac, e.former) {
		add("schac", domain)
	}
	add("eter", e.eter)
	add("deqar", e.deqar)
	add("pic", e.pic)
	add("erasmus", strings.Join(strings.Fields(e.erasmus), " "))
	for _, alias := range e.others { // of snapshots: identifiers without a kind
		if e.id != "" {
			add("alias", alias)
		}
	}
	return out
}

func (m *merger) take(e entry) {
	keys := e.keys()
	var g *group
	for _, key := range keys {
		if found := m.by[key]; found != nil && found.alliance == e.alliance && !contradicts(found.entry, e) {
			g = found
			break
		}
	}
	if domain := e.domain(); g == nil && len(e.schac) == 0 && e.id == "" && domain != "" {
		if found := m.by["schac "+domain]; found != nil && found.alliance == e.alliance && !contradicts(found.entry, e) {
			g = found // known by no identifier, but by its website
		}
	}
	if g == nil {
		g = &group{}
		m.groups = append(m.groups, g)
	}
	g.absorb(e)
	for _, key := range keys {
		if m.by[key] == nil {
			m.by[key] = g
		}
	}
}

// contradicts says that two entries have different DEQAR ids, or current SCHAC codes with nothing in common, so that
// an equal weaker identifier is a mistake in one of the lists.
func contradicts(a, b entry) bool {
	if a.deqar != "" && b.deqar != "" && a.deqar != b.deqar {
		return true
	}
	of := func(e entry) []string { return append(slices.Concat(e.schac, e.former), e.id) }
	if len(a.schac) == 0 || len(b.schac) == 0 {
		return false
	}
	return !slices.ContainsFunc(of(a), func(domain string) bool { return domain != "" && slices.Contains(of(b), domain) })
}

func (g *group) absorb(e entry) {
	g.where = cmp.Or(g.where, e.where)
	g.id, g.eter, g.deqar = cmp.Or(g.id, e.id), cmp.Or(g.eter, e.eter), cmp.Or(g.deqar, e.deqar)
	g.pic, g.erasmus = cmp.Or(g.pic, e.pic), cmp.Or(g.erasmus, e.erasmus)
	g.name, g.country, g.website = cmp.Or(g.name, e.name), cmp.Or(g.country, e.country), cmp.Or(g.website, e.website)
	g.schac, g.former = appendNew(g.schac, e.schac), appendNew(g.former, e.former)
	g.others, g.members = appendNew(g.others, e.others), appendNew(g.members, e.members)
	g.alliance = e.alliance
}

func appendNew(list, more []string) []string {
	for _, v := range more {
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// hosts whose names belong to whoever registers there: never an institution's own domain.
var sharedHosts = []string{
	"google.com", "facebook.com", "linkedin.com", "instagram.com", "youtube.com", "twitter.com", "x.com", "wordpress.com",
	"wixsite.com", "weebly.com", "blogspot.com", "github.io", "medium.com", "linktr.ee", "tumblr.com", "jimdofree.com",
}

// domain is the registrable domain of the website, "" when it has none of its own.
func (e entry) domain() string {
	domain, err := federation.RegistrableDomain(federation.HostOf(e.website))
	if err != nil || slices.Contains(sharedHosts, domain) {
		return ""
	}
	return domain
}

// identify gives every group its provider id: what a snapshot says, the current SCHAC code, the registrable domain
// of a website that is no other's, the DEQAR id.
func (m *merger) identify() {
	claims := map[string]int{}
	for _, g := range m.groups {
		for _, domain := range appendNew(appendNew(appendNew(nil, g.schac), g.former), []string{g.domain(), g.id}) {
			claims[domain]++
		}
	}
	taken := map[string]bool{}
	for _, strength := range []func(*group) string{
		func(g *group) string { return g.id },
		(*group).current,
		func(g *group) string {
			if domain := g.domain(); claims[domain] == 1 {
				return domain
			}
			return ""
		},
		func(g *group) string { return deqarID(g.deqar) },
	} {
		for _, g := range m.groups {
			if id := strength(g); g.final == "" && id != "" && !taken[id] {
				g.final, taken[id] = id, true
			}
		}
	}
}

// current is the SCHAC code in force: of several that a list gives, the website's, else the first.
func (g *group) current() string {
	schac := slices.DeleteFunc(slices.Clone(g.schac), func(domain string) bool { return slices.Contains(g.former, domain) })
	if len(schac) == 0 {
		return ""
	}
	if domain := g.domain(); slices.Contains(schac, domain) {
		return domain
	}
	return schac[0]
}

func deqarID(number string) string {
	if number == "" {
		return ""
	}
	return "deqarinst" + strings.Repeat("0", max(0, 4-len(number))) + number
}

func (m *merger) snapshot() Snapshot {
	m.identify()
	s := Snapshot{Providers: []federation.Provider{}, Alliances: []federation.Alliance{}}
	byNumber := map[string]string{}
	for _, g := range m.groups {
		if g.deqar != "" && g.final != "" && !g.alliance {
			byNumber[g.deqar] = g.final
		}
	}
	for _, g := range m.groups {
		switch {
		case g.final == "":
			continue // no domain of its own and no DEQAR id: nothing to know it by
		case g.alliance && strings.HasPrefix(g.final, "deqarinst"):
			continue // an alliance without a domain can show no evidence
		case g.alliance:
			s.Alliances = append(s.Alliances, g.asAlliance(byNumber))
		default:
			s.Providers = append(s.Providers, federation.Provider{ID: g.final, Name: g.name, Country: g.country, Website: g.website, Aliases: g.aliases()})
		}
	}
	slices.SortFunc(s.Providers, func(a, b federation.Provider) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.Alliances, func(a, b federation.Alliance) int { return cmp.Compare(a.Domain, b.Domain) })
	return s
}

func (g *group) asAlliance(byNumber map[string]string) federation.Alliance {
	a := federation.Alliance{Domain: g.final, Name: g.name, Website: g.website, Aliases: g.aliases(), Members: []string{}}
	for _, member := range g.members {
		id := byNumber[member]
		if id == "" && federation.ValidProvider(member) {
			id = member
		}
		if id != "" && !slices.Contains(a.Members, id) {
			a.Members = append(a.Members, id)
		}
	}
	slices.Sort(a.Members)
	return a
}

// aliases are all identifiers but the provider id.
func (g *group) aliases() []string {
	out := appendNew(appendNew(nil, g.schac), g.former)
	more := []string{g.eter, g.pic, g.erasmus}
	if g.deqar != "" {
		more = append(more, strings.ToUpper(deqarID(g.deqar)), federation.ProviderIRI(deqarID(g.deqar)))
	}
	out = appendNew(appendNew(out, more), g.others)
	return slices.DeleteFunc(out, func(alias string) bool { return alias == "" || alias == g.final })
}
