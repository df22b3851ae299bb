package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/harvest"
	"github.com/coursemesh/coursemesh/node/keys"
	"github.com/spf13/cobra"
)

// newSource shows what the node knows of sources, and tries them.
func newSource(o *options) *cobra.Command {
	cmd := &cobra.Command{Use: "source", Short: "List, try and run sources, and show what came of it", Args: exactly(0), RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	cmd.AddCommand(sourceList(o), sourceTest(o), sourceRun(o), sourceRuns(o), sourceLog(o))
	return cmd
}

// trialFlags describe a source as its manifest would.
type trialFlags struct {
	kind, version, auth, media string
	headers, parameters        []string
	pageSize                   int
	secret                     bool
}

func sourceTest(o *options) *cobra.Command {
	var (
		q harvest.TrialRequest
		f trialFlags
	)
	cmd := &cobra.Command{
		Use:   "test URL|FILE|MANIFEST|DOMAIN",
		Short: "Read a source without storing anything: what it holds, what it maps to, what to mend",
		Long: "Read a source as a harvest would and store nothing. A DOMAIN or a manifest names its sources; the standard\n" +
			"of a URL is recognised unless --type says it. Other flags are what a manifest would say of the source.\n" +
			"Exit 0 when all that was read can be used, 5 when something is to be mended, 8 when a source could not be read.",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			leave, err := o.aside()
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, leave()) }()
			q.Target = absolute(args[0])
			if q.Source, err = f.source(o, cmd.InOrStdin()); err != nil {
				return err
			}
			return o.withNew(func(s *session) error { return o.try(cmd, s, q) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&q.Provider, "provider", "", "domain of the institution that the source would speak for")
	flags.StringVar(&q.Website, "website", "", "website of the institution, for the search of its manifest")
	flags.IntVar(&q.Limit, "limit", 50, "courses to read of each source; 0: all")
	flags.StringVar(&f.kind, "type", "", "elm, ooapi, edu-api or occapi (default: recognised)")
	flags.StringVar(&f.version, "version", "", "version of the standard")
	flags.StringVar(&f.auth, "auth", "", `access control as in a manifest: httpsig, or {"type":"oauth2.0",...}, or @FILE with that object`)
	flags.BoolVar(&f.secret, "secret-stdin", false, "read the secret for --auth from standard input, in the clear; it is kept nowhere")
	flags.StringArrayVar(&f.headers, "header", nil, "NAME=VALUE, sent with every request (repeatable)")
	flags.StringArrayVar(&f.parameters, "parameter", nil, "NAME=VALUE, a query parameter of every request (repeatable)")
	flags.StringVar(&f.media, "content-type", "", "of an ELM document, when the server says a wrong one")
	flags.IntVar(&f.pageSize, "page-size", 0, "entries of a page")
	return cmd
}

// source is the entry of a manifest that the flags say.
func (f trialFlags) source(o *options, stdin io.Reader) (map[string]any, error) {
	entry := map[string]any{}
	for key, value := range map[string]string{"type": f.kind, "version": f.version, "contentType": f.media} {
		if value != "" {
			entry[key] = value
		}
	}
	if f.pageSize != 0 {
		entry["pageSize"] = f.pageSize
	}
	for key, pairs := range map[string][]string{"headers": f.headers, "queryParameters": f.parameters} {
		named, err := pairsOf(pairs)
		if err != nil {
			return nil, usage(err)
		}
		if len(named) > 0 {
			entry[key] = named
		}
	}
	auth, err := f.access(o, stdin)
	if auth != nil {
		entry["auth"] = auth
	}
	return entry, err
}

func pairsOf(pairs []string) (map[string]any, error) {
	named := map[string]any{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, errors.New("write NAME=VALUE") // the pair may hold a secret
		}
		values, _ := named[name].([]any)
		named[name] = append(values, value)
	}
	return named, nil
}

// access reads --auth. A secret in the clear is encrypted to this node, which takes no other.
func (f trialFlags) access(o *options, stdin io.Reader) (map[string]any, error) {
	text := f.auth
	if name, ok := strings.CutPrefix(text, "@"); ok {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		text = string(data)
	}
	auth := map[string]any{"type": text}
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		auth = map[string]any{}
		if err := json.Unmarshal([]byte(text), &auth); err != nil {
			return nil, usage(errors.New("--auth: no JSON object"))
		}
	}
	switch {
	case text == "" && f.secret:
		return nil, usage(errors.New("--secret-stdin: say with --auth what the secret is for"))
	case text == "":
		return nil, nil
	case !f.secret:
		return auth, nil
	}
	sealed, err := o.sealed(stdin)
	if err != nil {
		return nil, err
	}
	name := "value"
	if _, ok := auth["token_endpoint"]; ok {
		name = "client_secret"
	}
	auth[name] = sealed
	return auth, nil
}

// sealed is a secret from standard input, encrypted to this node.
func (o *options) sealed(stdin io.Reader) (string, error) {
	secret, err := io.ReadAll(io.LimitReader(stdin, maxStdin))
	if err != nil {
		return "", err
	}
	config, _, err := o.load()
	if err != nil {
		return "", err
	}
	ring, err := keys.Open(config.DataDir)
	if err != nil {
		return "", err
	}
	key, err := ring.RSA()
	if err != nil {
		return "", err
	}
	text, _, err := access.Encrypt(&key.PublicKey, bytes.TrimRight(secret, "\r\n"))
	if err != nil {
		return "", usage(fmt.Errorf("--secret-stdin: %w", err))
	}
	return text, nil
}

func (o *options) try(cmd *cobra.Command, s *session, q harvest.TrialRequest) error {
	trial, err := follow[harvest.Trial](cmd.Context(), o, s, "/v1/admin/sources/test", q)
	if err != nil {
		return err
	}
	if err := o.print(trial, func(w io.Writer) { writeTrial(w, *trial) }); err != nil {
		return err
	}
	return trialExit(*trial)
}

// trialExit is the exit code of a trial.
func trialExit(t harvest.Trial) error {
	mend := len(t.Problems) > 0
	for _, s := range t.Sources {
		if s.State == "incomplete" {
			return silentExit(api.ExitPartial)
		}
		mend = mend || len(s.Findings) > 0
	}
	if mend {
		return silentExit(api.ExitFindings)
	}
	return nil
}
