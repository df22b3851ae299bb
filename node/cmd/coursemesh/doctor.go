package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node"
	"github.com/coursemesh/coursemesh/node/doctor"
	"github.com/spf13/cobra"
)

// answersWithin bounds what is asked of a node that may hang.
const answersWithin = 20 * time.Second

// newDoctor looks at everything that keeps a node from its work.
func newDoctor(o *options) *cobra.Command {
	var online bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "Look at everything that keeps a node from its work, and say what to do",
		Long: "One line for each thing that was looked at: ok, warn or fail, and what to do. Nothing is changed. Without --online only this machine is\n" +
			"asked: the running node, if one does, and what the configuration places on loopback. Exit 0 when nothing failed, 1 else.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			p := o.patient()
			p.Online = online
			report := doctor.Examine(cmd.Context(), p)
			if err := o.print(report, func(w io.Writer) { writeDoctor(w, report) }); err != nil || report.OK {
				return err
			}
			return silentExit(api.ExitFailure)
		},
	}
	cmd.Flags().BoolVar(&online, "online", false, "also ask what the configuration names elsewhere: name server, proxy, http.public_url, peers")
	return cmd
}

// patient reads the configuration as far as that goes: a broken one is what the doctor is called for.
func (o *options) patient() doctor.Patient {
	p := doctor.Patient{File: o.file(), Version: version}
	p.Config, p.Settings, p.ConfigErr = node.Load(p.File, os.Environ())
	if o.dataDir != "" {
		p.Config.DataDir = o.dataDir
	}
	if s, running := connected(p.Config); running {
		s.client.Timeout = answersWithin
		p.Running = s.client
	}
	return p
}

func writeDoctor(w io.Writer, r doctor.Report) {
	for _, c := range r.Checks {
		fmt.Fprintf(w, "%-4s %s: %s\n", c.Status, c.Name, c.Message)
		if c.Fix != "" {
			fmt.Fprintf(w, "     fix: %s\n", c.Fix)
		}
	}
}
