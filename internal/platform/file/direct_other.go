//go:build !linux

package file

import (
	"errors"
	"os"
)

// setDirect is for Linux only.
func setDirect(*os.File, bool) error { return errors.ErrUnsupported }
