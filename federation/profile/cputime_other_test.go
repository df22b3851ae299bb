//go:build unix && !linux

package profile_test

import "syscall"

// whose processor time is measured: that of the whole process: other tests count too.
const whose = syscall.RUSAGE_SELF
