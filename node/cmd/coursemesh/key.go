package main

import (
	"fmt"
	"io"

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
			config, _, err := o.load()
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
		RunE: func(*cobra.Command, []string) error {
			ring, err := o.ring()
			if err != nil {
				return err
			}
			pem, err := ring.PublicPEM()
			if err != nil {
				return err
			}
			return o.print(map[string]string{"public_key": string(pem)}, func(w io.Writer) { fmt.Fprintf(w, "%s", pem) })
		},
	}
}

// keyRotate needs no running node: one that runs reads the new key when it next needs it.
func keyRotate(o *options) *cobra.Command {
	var rsa bool
	cmd := &cobra.Command{
		Use: "rotate", Short: "Make a new key for secrets; the old one still decrypts", Args: exactly(0),
		RunE: func(*cobra.Command, []string) error {
			if !rsa {
				return usage(fmt.Errorf("say which key: --rsa replaces the key for secrets"))
			}
			ring, err := o.ring()
			if err != nil {
				return err
			}
			done, err := ring.RotateRSA()
			if err != nil {
				return err
			}
			return o.print(done, func(w io.Writer) {
				fmt.Fprintf(w, "new key  %s\nold key  %s (still decrypts)\n", done.Fingerprint, done.Previous)
			})
		},
	}
	cmd.Flags().BoolVar(&rsa, "rsa", false, "the key to which institutions encrypt secrets")
	return cmd
}

func (o *options) ring() (*keys.Ring, error) {
	config, _, err := o.load()
	if err != nil {
		return nil, err
	}
	return keys.Open(config.DataDir)
}
