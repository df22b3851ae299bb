package demo

import "syscall"

// ownGroup keeps a child out of the terminal's interrupts.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
