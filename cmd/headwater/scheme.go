package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/headwater-platform/headwater/internal/scheme"
)

type schemeCommand struct {
	Check schemeCheck `cmd:"" help:"Check a definition: every problem with file, line and field."`
}

type schemeCheck struct {
	Files []string `arg:"" help:"Definitions (YAML)." type:"existingfile"`
}

func (c *schemeCheck) Run(s streams) error {
	bad := false
	for _, file := range c.Files {
		d, problems := scheme.Check(os.DirFS(filepath.Dir(file)), filepath.Base(file))
		for _, p := range problems {
			p.File = file
			fmt.Fprintln(s.out, p)
		}
		if !scheme.Usable(problems) {
			bad = true
			continue
		}
		fmt.Fprintf(s.out, "%s: %s can be published: %d stages, %g hours to apply.\n", file, d.Scheme, len(d.Stages), d.Hours)
	}
	if bad {
		return exit(1)
	}
	return nil
}
