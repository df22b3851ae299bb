package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/spf13/cobra"
)

// newCompact writes the database anew without the space that deleted rows left.
func newCompact(o *options) *cobra.Command {
	return &cobra.Command{
		Use: "compact", Short: "Write the database anew without free pages; the node must be stopped",
		Long: "Write the database into a new file without free pages, compare both, and put the new one in place in one step. It needs room for the new\n" +
			"file beside the old one, and says how much before it begins. Interrupted at any moment it leaves the old or the new file, whole.",
		Args: exactly(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := o.dataHome()
			if err != nil {
				return err
			}
			if pid, running := listening(config); running {
				return &api.AdminError{Exit: api.ExitConflict, Message: fmt.Sprintf(
					"a node runs on %s and has the database open: stop it first (%s), compact, and start it again", config.DataDir, stopBy(pid))}
			}
			done, err := store.Compact(cmd.Context(), config.DataDir, o.compacting)
			if errors.Is(err, store.ErrNoRoom) {
				err = &api.AdminError{Message: err.Error(), Exit: api.ExitIO}
			}
			if err != nil {
				return err
			}
			return o.print(done, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d bytes before, %d after\n", done.File, done.Before, done.After)
			})
		},
	}
}

// compacting shows the stages, the first with what is needed.
func (o *options) compacting(stage string, c store.Compacted) {
	if stage == "room" {
		o.progress("%s has %d bytes; the new file needs up to %d beside it, and %d are free", c.File, c.Before, c.Needed, c.Free)
		return
	}
	o.progress("%s", stage)
}

func stopBy(pid int) string {
	if pid == 0 {
		return "send SIGTERM to `coursemesh serve`, or `systemctl stop` its unit"
	}
	return fmt.Sprintf("kill -TERM %d, or `systemctl stop` its unit", pid)
}
