//go:build !linux

package pgserver

import "syscall"

// follow is for Linux only: elsewhere a server is left behind by a program that was killed.
func follow(*syscall.SysProcAttr) {}
