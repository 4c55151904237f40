package demo

import (
	"context"
	"io"
)

// Walk drives the loop.
func Walk(ctx context.Context, base string, out io.Writer) error { return nil }
