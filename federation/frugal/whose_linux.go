package frugal

import "syscall"

const whose = syscall.RUSAGE_THREAD
