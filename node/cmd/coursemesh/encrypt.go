package main

import (
	"bytes"
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/access"
	guarded "github.com/coursemesh/coursemesh/adapters/fetch" // a test of this package has a function fetch
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
)

const (
	maxStdin    = 128 << 10
	maxKeyBytes = 64 << 10
)

// encrypted is what `key encrypt` prints; Value goes into a manifest.
type encrypted struct {
	Value       string `json:"value"`
	Fingerprint string `json:"key_fingerprint"`
	Hybrid      bool   `json:"hybrid"` // too long for the form that other readers of manifests know
}

func keyEncrypt(o *options) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use: "encrypt", Short: "Encrypt a secret from standard input for a manifest", Args: exactly(0),
		Long: "Encrypt a secret from standard input, for auth.value or client_secret of a manifest.\nA line break at its end is left out.",
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := o.recipient(cmd.Context(), to)
			if err != nil {
				return err
			}
			secret, err := io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxStdin))
			if err != nil {
				return err
			}
			var out encrypted
			out.Value, out.Hybrid, err = access.Encrypt(key, bytes.TrimRight(secret, "\r\n"))
			if err != nil {
				return usage(err)
			}
			if out.Fingerprint, err = access.Fingerprint(key); err != nil {
				return err
			}
			return o.print(out, func(w io.Writer) { fmt.Fprintln(w, out.Value) })
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "PEM file or URL of the public key (default: this node's own)")
	return cmd
}

// recipient is the key in a file, at a URL, or this node's own.
func (o *options) recipient(ctx context.Context, to string) (*rsa.PublicKey, error) {
	if to == "" {
		ring, err := o.ring()
		if err != nil {
			return nil, err
		}
		key, err := ring.RSA()
		if err != nil {
			return nil, err
		}
		return &key.PublicKey, nil
	}
	read := readKeyFile
	if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
		read = func(to string) ([]byte, error) { return o.fetchKey(ctx, to) }
	}
	document, err := read(to)
	if err != nil {
		return nil, err
	}
	key, err := access.ParsePublicKey(document)
	if err != nil {
		return nil, usage(fmt.Errorf("--to %s: %w", to, err))
	}
	return key, nil
}

func readKeyFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &api.AdminError{Message: "--to " + path + ": no such file", Exit: api.ExitNotFound}
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxKeyBytes))
}

// fetchKey reads a key through the guarded client. A key that came over plain http could be anybody's.
func (o *options) fetchKey(ctx context.Context, to string) ([]byte, error) {
	config, _, err := o.load()
	if err != nil {
		return nil, err
	}
	client, err := node.FetchClient(config, o.log(slog.LevelWarn))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	network := func(err error) error { return &api.AdminError{Message: err.Error(), Exit: api.ExitNetwork} }
	response, err := client.Do(ctx, guarded.Request{URL: to, MaxBytes: maxKeyBytes})
	if err != nil {
		return nil, network(err)
	}
	defer response.Body.Close()
	if !response.CountsAsHTTPS {
		return nil, usage(fmt.Errorf("--to %s: a key is taken over https only", to))
	}
	if response.Status != http.StatusOK {
		return nil, network(fmt.Errorf("%s answers with status %d", to, response.Status))
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, network(err)
	}
	return body, nil
}
