package pgserver

import "syscall"

// follow has a process end when the one that started it does, however that ends.
func follow(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGINT }
