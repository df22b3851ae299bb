//go:build linux

package rdf_test

import "syscall"

// whose processor time is measured: that of the thread that runs the test: neither other tests nor other processes count.
const whose = syscall.RUSAGE_THREAD
