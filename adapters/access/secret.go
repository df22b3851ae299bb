package access

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/coursemesh/coursemesh/federation"
)

const redacted = "[redacted]"

// Secret is a text that no verb, encoder or logger shows. It lies behind a pointer because fmt does not ask the
// methods of unexported fields: inside another struct an address is all that can be printed.
type Secret struct{ text *string }

func newSecret(text string) Secret { return Secret{&text} }

func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Format prints [redacted] for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String is [redacted].
func (Secret) String() string { return redacted }

// LogValue is [redacted].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText is [redacted], in JSON and YAML as well.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// publicParams of access control may be stored and shown.
var publicParams = map[string]bool{"field": true, "token_endpoint": true, "scope": true, "client_id": true, "alg": true}

// Redacted is the source without what an institution gave as secret, be it encrypted or, by mistake, not, and
// without the values of headers and query parameters, which may be keys.
func Redacted(spec federation.ManifestSource) federation.ManifestSource {
	spec = Unarmed(spec)
	if len(spec.Headers) > 0 {
		headers := map[string]string{}
		for name := range spec.Headers {
			headers[name] = redacted
		}
		spec.Headers = headers
	}
	if len(spec.QueryParameters) > 0 {
		parameters := map[string][]string{}
		for name := range spec.QueryParameters {
			parameters[name] = []string{redacted}
		}
		spec.QueryParameters = parameters
	}
	return spec
}

// Unarmed is the source without the secrets of its access control, for those who read it.
func Unarmed(spec federation.ManifestSource) federation.ManifestSource {
	if spec.Auth.Params == nil {
		return spec
	}
	params := map[string]string{}
	for name, value := range spec.Auth.Params {
		if params[name] = value; !publicParams[name] {
			params[name] = redacted
		}
	}
	spec.Auth.Params = params
	return spec
}

// RedactedManifest is the manifest with all its sources redacted.
func RedactedManifest(m federation.Manifest) federation.Manifest {
	sources := make([]federation.ManifestSource, len(m.Sources))
	for i, spec := range m.Sources {
		sources[i] = Redacted(spec)
	}
	m.Sources = sources
	return m
}
