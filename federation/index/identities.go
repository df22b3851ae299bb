package index

import (
	"hash/maphash"
	"net/url"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/federation/elm"
	"github.com/google/uuid"
)

// identities finds documents by anything that denotes them. Only hashes under a secret seed are kept:
// identifiers are long, and nobody can choose two that collide.
type identities struct {
	seed maphash.Seed
	one  map[uint64]uint32   // the first document of an identifier
	more map[uint64][]uint32 // further ones
}

func newIdentities() *identities {
	return &identities{seed: maphash.MakeSeed(), one: map[uint64]uint32{}, more: map[uint64][]uint32{}}
}

func (i *identities) add(id string, n uint32) { i.addHash(i.hash(id), n) }

func (i *identities) addHash(h uint64, n uint32) {
	if _, taken := i.one[h]; taken {
		i.more[h] = append(i.more[h], n)
		return
	}
	i.one[h] = n
}

func (i *identities) find(id string) []uint32 { return i.findHash(i.hash(id)) }

func (i *identities) hash(id string) uint64 { return maphash.String(i.seed, id) }

func (i *identities) findHash(h uint64) []uint32 {
	first, ok := i.one[h]
	if !ok {
		return nil
	}
	return append([]uint32{first}, i.more[h]...)
}

func (i *identities) renumbered(keep func(uint32) (uint32, bool)) *identities {
	out := newIdentities()
	out.seed = i.seed
	for h, n := range i.one {
		for _, n := range append([]uint32{n}, i.more[h]...) {
			if m, ok := keep(n); ok {
				out.addHash(h, m)
			}
		}
	}
	return out
}

// Resolve lists the keys of the courses that an identifier denotes, sorted: a UUID, the subject's
// IRI, an alias, the DID or URN form of a course identifier, or a code of the source. Of several
// records of one course it names the one that searches show.
func (ix *Index) Resolve(id string) []string {
	id = Normalise(id)
	if id == "" {
		return nil
	}
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return ix.courses(ix.ids.find(id))
}

// Normalise gives equal text for the spellings of one identifier: UUIDs with or without their URN
// prefix, the URN and DID forms of course identifiers (older forms included), the pilot's IRIs, letter case of codes.
func Normalise(id string) string {
	if code, ok := pilotCode(strings.TrimSpace(id)); ok {
		return code
	}
	return spelling(id)
}

// spelling is Normalise for what is no IRI of the pilot.
func spelling(id string) string {
	id = strings.TrimSpace(id)
	if u, err := uuid.Parse(id); err == nil && len(id) != 32 && !strings.HasPrefix(id, "{") {
		return u.String()
	}
	if course, ok := courseID(id); ok {
		return course
	}
	if strings.Contains(id, ":") { // an IRI, or a code that may be one
		return id
	}
	return strings.ToLower(id)
}

// pilotCode reads the IRIs that the QualityLink pilot gives to courses: the institution's ETER or DEQAR id and
// the source's own id, which may hold anything.
func pilotCode(id string) (string, bool) {
	_, rest, ok := strings.Cut(id, "://data.quality-link.eu/courses/")
	institution, local, found := strings.Cut(rest, "/")
	if decoded, err := url.PathUnescape(local); err == nil {
		local = decoded
	}
	return codeOf(institution, local), ok && found && institution != "" && local != ""
}

// courseID gives one text for the URN and DID forms of a course identifier.
func courseID(id string) (string, bool) {
	domain, local, ok := elm.CourseID(id)
	if !ok {
		return "", false
	}
	if decoded, err := url.PathUnescape(local); err == nil {
		local = decoded
	}
	return "urn:schac:uniqueCourseId:" + domain + ":" + local, true
}

// Values lists the values of a field that live or past documents have, in no order.
func (ix *Index) Values(f Field) []string {
	ix.mu.RLock()
	defer ix.mu.RUnlock()
	return slices.Clone(ix.cols[f].values)
}
