package node

import (
	"log/slog"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/adapters/fetch"
	"github.com/coursemesh/coursemesh/federation"
	"github.com/coursemesh/coursemesh/node/keys"
)

// ManifestChecks is how a manifest is checked by those who hold the keys of a node, or none (nil), and would fetch by
// this client.
func ManifestChecks(client *fetch.Client, ring *keys.Ring) (federation.ManifestChecks, error) {
	k := federation.ManifestChecks{Unreachable: client.Unreachable, Secret: secrets(nil, false)}
	if ring == nil {
		return k, nil
	}
	ids, err := identity(ring)
	if err != nil {
		return k, err
	}
	k.Self, k.Secret = ids.Publisher, secrets(ring, true)
	return k, nil
}

// Website of an institution that configuration or registry know, "" of others: its host is searched for a manifest, too.
func Website(cfg Config, provider string) (string, error) {
	snapshot, err := cfg.known(slog.New(slog.DiscardHandler))
	for _, p := range snapshot.Providers {
		if p.ID == provider {
			return p.Website, err
		}
	}
	return "", err
}

// secrets judges the secrets of manifests. Keys that cannot be read judge nothing: what is checked is the manifest.
func secrets(ring *keys.Ring, decrypt bool) func(federation.Auth, string) []federation.ManifestProblem {
	return func(auth federation.Auth, name string) []federation.ManifestProblem {
		if ring == nil {
			return access.Inspect(auth, name, nil, false)
		}
		held, err := ring.Secrets()
		if err != nil {
			held = nil
		}
		return access.Inspect(auth, name, held, decrypt)
	}
}

// checkManifest checks for anybody who asks. It decrypts nothing, and judges addresses as a node without exemptions
// does: what this one may reach inside its network is nobody's business.
func (n *Node) checkManifest(body []byte, provider string) (federation.ManifestReport, error) {
	return federation.CheckManifest(body, federation.ManifestChecks{
		Provider: provider, Self: n.ids.Publisher, Unreachable: fetch.Unreachable, Secret: secrets(n.keys, false),
	})
}
