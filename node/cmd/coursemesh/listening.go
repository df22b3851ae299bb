package main

import (
	"net"
	"path/filepath"

	"github.com/coursemesh/coursemesh/node"
)

// listening says whether a node serves the admin socket of a data directory, and which process that is where the system
// tells, else 0.
func listening(config node.Config) (pid int, running bool) {
	conn, err := net.Dial("unix", filepath.Join(config.DataDir, node.AdminSocket))
	if err != nil {
		return 0, false
	}
	defer conn.Close()
	return processOf(conn), true
}
