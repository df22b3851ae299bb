package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
)

// options are the flags of every command, and what follows from them.
type options struct {
	dataDir, config string
	json            bool
	verbose, quiet  bool
	noColor         bool
	out, err        io.Writer
}

func newRoot() *cobra.Command {
	o := &options{out: os.Stdout, err: os.Stderr}
	root := &cobra.Command{
		Use:           "coursemesh",
		Short:         "A node of the federated European course catalogue",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&o.dataDir, "data-dir", "", "keys, database and snapshots (default ./coursemesh-data)")
	flags.StringVar(&o.config, "config", "", "configuration file (default coursemesh.yaml in the data directory or here, if there)")
	flags.BoolVar(&o.json, "json", false, "machine-readable output on stdout")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "log details to stderr")
	flags.BoolVar(&o.quiet, "quiet", false, "no progress on stderr")
	flags.BoolVar(&o.noColor, "no-color", os.Getenv("NO_COLOR") != "", "no colours")
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	root.AddCommand(
		newInit(o), newServe(o), newStatus(o), newDoctor(o), newDiscover(o), newHarvest(o), newSource(o), newCourse(o), newVerify(o), newValidate(o), newConvert(o), newPeer(o),
		newPublisher(o), newManifest(o), newBlock(o), newRegistry(o), newKey(o), newVocabulary(o), newDump(o), newBackup(o), newRestore(o), newPurge(o), newDB(o), newBench(o), newConfig(o), newVersion(o), newDemo(o),
	)
	return root
}

// usage marks an error as a wrong call.
func usage(err error) error {
	return &api.AdminError{Message: err.Error() + " (see --help)", Exit: api.ExitUsage}
}

// exactly and between are cobra's argument checks with the exit code of a wrong call.
func exactly(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error { return wrong(cobra.ExactArgs(n)(c, args)) }
}

func between(low, high int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error { return wrong(cobra.RangeArgs(low, high)(c, args)) }
}

// knownCommand refuses what is no command, naming the nearest.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	err := fmt.Errorf("unknown command %q", args[0])
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		err = fmt.Errorf("%w; did you mean %s?", err, near[0])
	}
	return usage(err)
}

func wrong(err error) error {
	if err == nil {
		return nil
	}
	return usage(err)
}

// load reads the configuration; flags win over everything.
func (o *options) load() (node.Config, []node.Setting, error) {
	file := o.file()
	config, settings, err := node.Load(file, os.Environ())
	if err != nil {
		return config, settings, usage(err)
	}
	if o.dataDir != "" {
		config.DataDir = o.dataDir
		i := slices.IndexFunc(settings, func(s node.Setting) bool { return s.Key == "data_dir" })
		settings[i].Value, settings[i].Origin = o.dataDir, "--data-dir"
	}
	return config, settings, nil
}

// home is the configuration of a node whose directory is there: what only reads makes none by a slip in its name.
func (o *options) home() (node.Config, error) {
	config, _, err := o.load()
	if err == nil && !exists(config.DataDir) {
		err = &api.AdminError{Exit: api.ExitNotFound, Message: fmt.Sprintf(
			"there is no data directory %s: name the node's directory with --data-dir or data_dir, or run `coursemesh init --data-dir %s` to make one", config.DataDir, config.DataDir)}
	}
	return config, err
}

// file is the configuration file in force: named by flag or environment, else one that lies in the data
// directory or here; "" when there is none.
func (o *options) file() string {
	if o.config != "" {
		return o.config
	}
	if named := os.Getenv("COURSEMESH_CONFIG"); named != "" {
		return named
	}
	for _, path := range []string{filepath.Join(o.dataDir, node.ConfigFile), node.ConfigFile} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// log writes to stderr: warnings by default, details with -v, errors only with --quiet.
func (o *options) log(normal slog.Level) *slog.Logger {
	level := normal
	switch {
	case o.verbose:
		level = slog.LevelDebug
	case o.quiet:
		level = slog.LevelError
	}
	return slog.New(slog.NewTextHandler(o.err, &slog.HandlerOptions{Level: level}))
}

// print writes v as JSON with --json, else what human writes.
func (o *options) print(v any, human func(io.Writer)) error {
	if !o.json {
		human(o.out)
		return nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "%s\n", data)
	return err
}

// progress writes a line to stderr unless --quiet.
func (o *options) progress(format string, args ...any) {
	if !o.quiet {
		fmt.Fprintf(o.err, format+"\n", args...)
	}
}
