package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/coursemesh/coursemesh/node"
	"github.com/spf13/cobra"
)

// newInit makes the keys and a first configuration.
func newInit(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Make the keys and a first configuration; run again, it changes nothing",
		Args:  exactly(0),
		RunE: func(*cobra.Command, []string) error {
			named := o.config
			if named != "" && !exists(named) {
				o.config = "" // it is made below
			}
			config, _, err := o.load()
			if err != nil {
				return err
			}
			o.config = named
			ids, err := node.Init(config.DataDir)
			if err != nil {
				return err
			}
			file, err := o.firstConfig(config.DataDir)
			if err != nil {
				return err
			}
			out := struct {
				DataDir   string `json:"data_dir"`
				Config    string `json:"config"`
				Peer      string `json:"peer"`
				Publisher string `json:"publisher"`
			}{config.DataDir, file, ids.Peer, string(ids.Publisher)}
			return o.print(out, func(w io.Writer) {
				fmt.Fprintf(w, "data directory  %s\nconfiguration   %s\npeer id         %s\npublisher id    %s\n\n", out.DataDir, out.Config, out.Peer, out.Publisher)
				fmt.Fprintf(w, "Next: list the publisher id under `publishers` in your institution's manifest, set node.name and\nharvest.domains in the configuration, then run: coursemesh serve --data-dir %s\n", out.DataDir)
			})
		},
	}
}

// firstConfig writes a configuration to start from, unless there is one.
func (o *options) firstConfig(dataDir string) (string, error) {
	file := o.file()
	if file == "" {
		file = filepath.Join(dataDir, node.ConfigFile)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return file, nil
	}
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(firstConfigText)
	return file, errors.Join(err, f.Close())
}

const firstConfigText = `# coursemesh.yaml. Every key can be left out; ` + "`coursemesh config show`" + ` lists all of them.
node:
  name: ""              # shown to others, for example: Alliance of Example Universities
  url: ""               # where people reach this node's portal
http:
  listen: 127.0.0.1:8080
harvest:
  domains: []           # institutions to harvest: [uni.example]
registry:
  providers: []         # institutions of other nodes: [{id: uni.example, name: Example University, country: AT}]
p2p:
  peers: []             # other nodes: [/dns4/node.example/tcp/4777/p2p/12D3Koo...]
fetch:
  contact: ""           # sent with every request, so that a source's operator can reach you
`
