package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/keys"
	"github.com/spf13/cobra"
)

// newKey shows the public side of the node's keys, encrypts to them, and replaces them.
func newKey(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Show, use and replace the node's keys", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(keyShow(o), keyPublic(o), keyEncrypt(o), keyRotate(o))
	return cmd
}

func keyShow(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "show", Short: "Show the ids of the host key and the publisher key", Args: exactly(0),
		RunE: func(*cobra.Command, []string) error {
			config, err := o.home()
			if err != nil {
				return err
			}
			ids, err := node.Identify(config.DataDir)
			if err != nil {
				return err
			}
			return o.print(ids, func(w io.Writer) {
				fmt.Fprintf(w, "peer id       %s\npublisher id  %s\n", ids.Peer, ids.Publisher)
			})
		},
	}
}

func keyPublic(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "public", Short: "Print the RSA key to which institutions encrypt secrets, as PEM", Args: exactly(0),
		Long: "Print the RSA key to which institutions encrypt secrets, as PEM; with --json also the keys that verify this\nnode's signed requests, and the addresses from which it fetches, as /v1/public-key shows them.",
		RunE: func(*cobra.Command, []string) error {
			config, err := o.home()
			if err != nil {
				return err
			}
			ring, err := keys.Open(config.DataDir)
			if err != nil {
				return err
			}
			public, err := node.PublicKeys(ring, config.Fetch.Addresses)
			if err != nil {
				return err
			}
			return o.print(public, func(w io.Writer) { fmt.Fprint(w, public.PublicKey) })
		},
	}
}

// keyRotate needs no running node: one that runs reads a new key for secrets when it next needs it, and the
// others when it starts again.
func keyRotate(o *options) *cobra.Command {
	var rsa, publisher, host, announce bool
	var httpsig string
	cmd := &cobra.Command{
		Use: "rotate", Short: "Put a new key in the place of one; the old one is kept in a file beside it", Args: exactly(0),
		Long: "With --rsa the old key still decrypts. With --publisher put the new id into the manifests in the place of the old one, start the\n" +
			"node again and harvest: it takes over every course with its history. With --host other nodes' p2p.peers need the new address.\n" +
			"With --httpsig institutions that verify this node's requests need the new key from /v1/public-key: --announce shows it there\n" +
			"without using it, and the same command without --announce, some days later, puts it in force. The old one is shown for another day.",
		RunE: func(*cobra.Command, []string) error {
			if chosen := slices.DeleteFunc([]bool{rsa, publisher, host, httpsig != ""}, func(b bool) bool { return !b }); len(chosen) != 1 {
				return usage(errors.New("say which key: --rsa replaces the key for secrets, --publisher the one that signs, --host the one for the network, --httpsig ALG the one that signs requests"))
			}
			if httpsig != "" && !slices.Contains(access.Algorithms, httpsig) {
				return usage(fmt.Errorf("--httpsig: write one of %s", strings.Join(access.Algorithms, ", ")))
			}
			if announce && httpsig == "" {
				return usage(errors.New("--announce goes with --httpsig: the other keys are not fetched by anybody beforehand"))
			}
			ring, err := o.ring()
			if err != nil {
				return err
			}
			switch {
			case announce:
				done, err := ring.AnnounceSigner(httpsig)
				return o.rotated(done, fmt.Sprintf("next key     %s\ncurrent key  %s\nInstitutions that verify requests of this node find the next key at /v1/public-key; run this again without --announce once they have it.\n", done.Fingerprint, done.Previous), err)
			case httpsig != "":
				done, err := ring.RotateSigner(httpsig)
				return o.rotated(done, fmt.Sprintf("new key  %s\nold key  %s (shown for another %d hours)\nInstitutions that verify requests of this node need the new key from /v1/public-key.\n", done.Fingerprint, done.Previous, int(keys.Overlap.Hours())), err)
			case rsa:
				done, err := ring.RotateRSA()
				return o.rotated(done, fmt.Sprintf("new key  %s\nold key  %s (still decrypts)\n", done.Fingerprint, done.Previous), err)
			case publisher:
				done, err := ring.RotatePublisher()
				return o.rotated(done, fmt.Sprintf("new publisher  %s\nold publisher  %s\nPut the new id into the manifests in the place of the old one, and start the node again.\n", done.New, done.Old), err)
			}
			done, err := ring.RotateHost()
			return o.rotated(done, fmt.Sprintf("new peer  %s\nold peer  %s\nStart the node again; other nodes' p2p.peers need the new id.\n", done.New, done.Old), err)
		},
	}
	cmd.Flags().BoolVar(&rsa, "rsa", false, "the key to which institutions encrypt secrets")
	cmd.Flags().StringVar(&httpsig, "httpsig", "", "the key that signs requests by an algorithm: "+strings.Join(access.Algorithms, ", "))
	cmd.Flags().BoolVar(&announce, "announce", false, "with --httpsig: show the next key without using it yet")
	cmd.Flags().BoolVar(&publisher, "publisher", false, "the key that signs records and heads")
	cmd.Flags().BoolVar(&host, "host", false, "the key by which other nodes know this one")
	return cmd
}

func (o *options) rotated(done any, text string, err error) error {
	if err != nil {
		return err
	}
	return o.print(done, func(w io.Writer) { fmt.Fprint(w, text) })
}

func (o *options) ring() (*keys.Ring, error) {
	config, err := o.home()
	if err != nil {
		return nil, err
	}
	return keys.Open(config.DataDir)
}
