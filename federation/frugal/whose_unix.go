//go:build unix && !linux

package frugal

import "syscall"

// Other systems tell of the whole process only: other tests count too.
const whose = syscall.RUSAGE_SELF
