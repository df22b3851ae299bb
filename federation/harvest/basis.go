package harvest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/coursemesh/coursemesh/adapters"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/rdf"
)

// pipeline is raised when this package or elm makes other records of the same items.
const pipeline = "1"

// basis sums up what a run rests on beside the source's own bytes: who signs, the mapping, how the manifest wants the
// source to be read, and the institutions that this node knows. While it is the same, the same bytes give the same records.
func (r *run) basis() string {
	if r.rests == "" {
		adapter, ok := r.h.cfg.Adapters[r.state.Spec.Type]
		if !ok {
			return ""
		}
		salt, err := r.h.salt() // headers and parameters may be keys
		if err != nil {
			return ""
		}
		spec := r.spec
		hash := hmac.New(sha256.New, salt)
		_ = json.NewEncoder(hash).Encode([]any{ // plain values, which always encode
			pipeline, r.h.self, adapter.Mapping(), spec.Path, spec.Version, spec.ContentType, spec.PageSize, spec.Headers, spec.QueryParameters, r.h.cfg.Providers(),
			spec.Licence, spec.Credit,
		})
		r.rests = hex.EncodeToString(hash.Sum(nil)[:16])
	}
	return r.rests
}

// sameBasis says that the last complete run read the source by the rules of today.
func (r *run) sameBasis() bool {
	return !r.state.Complete.IsZero() && r.state.Basis != "" && r.state.Basis == r.basis()
}

// asBefore says that an item need not be worked on: everything that was read so far is as the last complete run
// read it, and so the course is as it listed it. An adapter knows nothing but what it has read.
func (r *run) asBefore(item adapters.Item, mapping string) (key string, ok bool) {
	if r.answers == nil || !r.answers.asBefore() || !r.sameBasis() || !slices.Contains(r.state.Mappings, mapping) {
		return "", false
	}
	subject, ok := item.Graph.Subject.(rdf.IRI)
	if !ok {
		return "", false
	}
	kind := federation.KindCourse
	if item.Graph.IsOffering() {
		kind = federation.KindOffering
	}
	place := r.h.institutions.of(item.Graph.Organisations(), r.state.Domain)
	key = federation.Record{Kind: kind, Provider: place.provider, Subject: subject.String()}.Key()
	if _, listed := slices.BinarySearch(r.before, key); !listed || r.seen[key] || place.unknown {
		return "", false
	}
	if d, ok := r.drafts[key]; ok && !d.cid.Defined() {
		return "", false // an earlier source let go of it
	}
	_, err := r.h.cfg.DB.Entry(r.h.self, key)
	return key, err == nil
}
