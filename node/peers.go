package node

import (
	"fmt"

	"github.com/coursemesh/coursemesh/p2p"
	"github.com/libp2p/go-libp2p/core/peer"
)

func (c *P2PConfig) check(bad func(string, error)) {
	mode, err := p2p.ParseMode(c.Mode)
	bad("p2p.mode", err)
	c.Mode = string(mode)
	for _, id := range c.Invited {
		if _, err := peer.Decode(id); err != nil {
			bad("p2p.invited", fmt.Errorf("%q is no peer id (12D3Koo...): %w", id, err))
		}
	}
}

// guests are the invited peers; check has read them before.
func (c *P2PConfig) guests() []peer.ID {
	var out []peer.ID
	for _, text := range c.Invited {
		if id, err := peer.Decode(text); err == nil {
			out = append(out, id)
		}
	}
	return out
}
