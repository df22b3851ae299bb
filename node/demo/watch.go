package demo

import (
	"context"
	"fmt"
	"time"

	core "github.com/coursemesh/coursemesh/federation"
)

const lookEvery = 250 * time.Millisecond

// watch follows all nodes until each holds every harvestable course under one catalogue root.
func (f *federation) watch(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("the nodes are not equal after %s; their logs lie in %s", patience, f.root))
	defer cancel()
	f.describe()
	for {
		equal := f.look(ctx)
		if equal {
			f.result.Seconds.AllEqual = time.Since(f.began).Seconds()
			f.opts.Tell("after %.1f s all %d nodes hold the same %d courses: catalogue root %s",
				f.result.Seconds.AllEqual, len(f.nodes), f.expected(), f.result.Nodes[0].CatalogueRoot)
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(lookEvery):
		}
	}
}

// describe fills in what does not change.
func (f *federation) describe() {
	for _, s := range f.sites {
		f.result.Institutions = append(f.result.Institutions, InstitutionResult{
			Domain: s.Domain, Name: s.Name, URL: s.origin, Standard: s.Standard, Version: s.Version(), Access: string(s.Access), Dir: s.dir,
		})
	}
	for _, n := range f.nodes {
		f.result.Nodes = append(f.result.Nodes, NodeResult{
			Name: n.Name, HTTP: n.Ready.HTTP, Publisher: string(n.Identity.Publisher), PID: n.PID(), DataDir: n.Dir,
		})
	}
}

func (f *federation) expected() (courses int) {
	for _, s := range f.sites {
		courses += s.Courses
	}
	return courses
}

// look asks every node how far it is and tells what changed.
func (f *federation) look(ctx context.Context) (equal bool) {
	equal = true
	for i := range f.result.Nodes {
		n := &f.result.Nodes[i]
		var now struct {
			Courses       int
			CatalogueRoot string `json:"catalogue_root"`
		}
		if err := f.nodes[i].Get(ctx, "/v1/node", &now); err != nil {
			return false
		}
		if now.Courses != n.Courses {
			f.opts.Tell("%5.1f s  %s holds %d courses", time.Since(f.began).Seconds(), n.Name, now.Courses)
		}
		if now.Courses > 0 && f.result.Seconds.FirstCourse == 0 {
			f.result.Seconds.FirstCourse = time.Since(f.began).Seconds()
		}
		n.Courses, n.CatalogueRoot = now.Courses, now.CatalogueRoot
		equal = equal && n.Courses == f.expected() && n.CatalogueRoot == f.result.Nodes[0].CatalogueRoot
	}
	return equal
}

// provider is what every node's configuration knows of an institution.
func (s site) provider() core.Provider {
	return core.Provider{ID: s.Domain, Name: s.Name, Country: s.Country, Website: s.Website}
}
