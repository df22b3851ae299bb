package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/coursemesh/coursemesh/api"
	"github.com/coursemesh/coursemesh/node/backup"
	"github.com/spf13/cobra"
)

// newBackup writes the data directory into one file, also while a node runs.
func newBackup(o *options) *cobra.Command {
	var q api.BackupRequest
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write database, configuration and, with --keys, the keys into one file",
		Long: "Write the data directory into a file that is not there yet; a running node goes on meanwhile.\n" +
			"Whoever has the keys signs as this node: keep a backup with --keys locked away.",
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if q.File, err = filepath.Abs(args[0]); err != nil {
				return err
			}
			var info backup.Info
			err = o.with(func(s *session) error { return s.act(cmd.Context(), "/v1/admin/backup", q, &info) })
			if err != nil {
				return err
			}
			return o.print(info, func(w io.Writer) {
				fmt.Fprintf(w, "%s: %d bytes, keys inside: %t\n", info.File, info.Bytes, info.Keys)
			})
		},
	}
	cmd.Flags().BoolVar(&q.Keys, "keys", false, "put the keys into the backup, too")
	return cmd
}

// newRestore puts a backup into a data directory without a database.
func newRestore(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup into a data directory that has no database",
		Long: "Put a backup into a data directory that has no database. Keys and configuration that are there stay.\n" +
			"The node then signs in a new epoch, so it never signs a number twice. Harvest afterwards.",
		Args: exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			config, _, err := o.load()
			if err != nil {
				return err
			}
			info, err := backup.Restore(args[0], config.DataDir, time.Now())
			if errors.Is(err, backup.ErrOccupied) {
				return &api.AdminError{Message: err.Error(), Exit: api.ExitConflict}
			}
			if err != nil {
				return err
			}
			return o.print(info, func(w io.Writer) {
				fmt.Fprintf(w, "restored into %s what %s had on %s\n", config.DataDir, info.Publisher, info.Made.Format(time.DateTime))
				if !info.Keys && !hasKeys(config.DataDir) {
					fmt.Fprintln(w, "the backup has no keys: put yours into its folder keys before the node starts, or it will be another publisher")
				}
			})
		},
	}
}

// hasKeys says that the publisher's key is there already: a restore leaves it alone.
func hasKeys(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "keys", "publisher.pem"))
	return err == nil
}
