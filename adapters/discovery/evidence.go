package discovery

import (
	"context"
	"errors"

	"github.com/coursemesh/coursemesh/adapters/fetch"
)

// Kind of a failure to obtain evidence: how long older evidence outlives it depends on it.
type Kind string

const (
	KindGone        Kind = "gone"        // every well-known address answered, and none with a manifest: 404, 410, unparsable
	KindUnreachable Kind = "unreachable" // at least one gave no usable answer: none, TLS error, 5xx, refused, or an odd status
)

// Failure says why a domain shows no well-known manifest. The probes of the Result have the details.
type Failure struct {
	Domain string
	Kind   Kind
	Probe  Probe // the telling one
}

func (f *Failure) Error() string {
	return f.Domain + ": manifest " + string(f.Kind) + ": " + f.Probe.URL + ": " + f.Probe.Reason
}

// Gone reports whether a failure is of KindGone.
func Gone(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Kind == KindGone
}

// WellKnownOptions of WellKnown; the zero value is for authority evidence.
type WellKnownOptions struct {
	RequireSources bool
	Previous       Previous // makes the request conditional; the Result may be Unchanged
}

// WellKnown fetches only the three well-known URLs of one domain (authority evidence), over https or what the
// operator lets count as it. Without a manifest the error is a *Failure, or that of ctx.
func WellKnown(ctx context.Context, c *fetch.Client, domain string, o WellKnownOptions) (Result, error) {
	p := &prober{client: c, previous: o.Previous, requireSources: o.RequireSources, result: Result{Provider: domain, Probes: []Probe{}}}
	p.wellKnown(ctx, domain)
	if p.done() {
		return p.result, nil
	}
	if ctx.Err() != nil {
		return p.result, ctx.Err()
	}
	return p.result, failure(domain, p.result.Probes)
}

// failure is as good as the worst answer: an address that is silent may hide a good manifest. Of addresses that all
// answered, one that holds something unparsable tells more than one that holds nothing.
func failure(domain string, probes []Probe) *Failure {
	f := &Failure{Domain: domain, Kind: KindGone, Probe: probes[0]}
	for _, probe := range probes {
		switch {
		case probe.Outcome == Error:
			return &Failure{domain, KindUnreachable, probe}
		case probe.Outcome == NotParsable && f.Probe.Outcome != NotParsable:
			f.Probe = probe
		}
	}
	return f
}
