package node

import (
	"log/slog"
	"slices"
	"time"

	"github.com/coursemesh/coursemesh/adapters/registry"
	"github.com/coursemesh/coursemesh/api/course"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/node/convert"
	"github.com/coursemesh/coursemesh/node/validate"
)

// Validator checks documents and sources by the configuration alone, without a data directory.
func Validator(cfg Config) (*validate.Validator, error) {
	snapshot, err := cfg.known(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	return validatorOf(cfg, snapshot)
}

func validatorOf(cfg Config, snapshot registry.Snapshot) (*validate.Validator, error) {
	checker, err := cfg.Profile.Checker()
	if err != nil {
		return nil, err
	}
	known := lookUp(snapshot)
	return &validate.Validator{
		Checker: checker, Adapters: readers(), Known: func(id string) bool { _, ok := known(id); return ok },
		Institutions: harvest.NewInstitutions(known, func() []federation.Provider { return snapshot.Providers }),
	}, nil
}

func lookUp(snapshot registry.Snapshot) func(id string) (federation.Provider, bool) {
	known := make(map[string]federation.Provider)
	for _, p := range snapshot.Providers {
		known[p.ID] = p
	}
	return func(id string) (federation.Provider, bool) { p, ok := known[id]; return p, ok }
}

// Converter writes courses by the configuration alone, without a data directory.
func Converter(cfg Config) (*convert.Converter, error) {
	snapshot, err := cfg.known(slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	v, err := validatorOf(cfg, snapshot)
	if err != nil {
		return nil, err
	}
	memberOf := make(map[string][]string)
	for _, a := range slices.Concat(cfg.Trust.Alliances, snapshot.Alliances) {
		for _, member := range a.Members {
			if !slices.Contains(memberOf[member], a.Domain) {
				memberOf[member] = append(memberOf[member], a.Domain)
			}
		}
	}
	for _, domains := range memberOf {
		slices.Sort(domains)
	}
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	return &convert.Converter{Validator: v, Courses: course.NewReader(course.Reader{
		Known: lookUp(snapshot), Alliances: func(id string) []string { return memberOf[id] }, Now: now,
	})}, nil
}
