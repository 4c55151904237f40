package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

const referencePath = "../../docs/configuration.md"

// TestConfigurationReference keeps docs/configuration.md what the program says of itself.
func TestConfigurationReference(t *testing.T) {
	t.Parallel()
	want := reference(t)
	if *update {
		if err := os.WriteFile(referencePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/configuration.md is old: go test ./cmd/headwater -run Reference -update")
	}
}

func reference(t *testing.T) string {
	t.Helper()
	var c cli
	parser, err := kong.New(&c, kong.Name("headwater"), kong.Writers(io.Discard, io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# Configuration\n\nEvery command with its flags, as the program says it. A flag with a variable is set by either; the flag wins.\nA variable that ends in `_FILE` names a file that holds the value: nothing that holds a secret is taken on the command line.\n")
	for _, leaf := range parser.Model.Leaves(true) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", leaf.FullPath(), leaf.Help)
		for _, p := range leaf.Positional {
			fmt.Fprintf(&b, "\n- `<%s>`: %s", p.Name, p.Help)
		}
		if len(leaf.Positional) > 0 {
			b.WriteString("\n")
		}
		flags := leaf.Flags
		if len(flags) == 0 {
			continue
		}
		b.WriteString("\n| flag | variable | default | what it is |\n|---|---|---|---|\n")
		for _, f := range flags {
			fmt.Fprintf(&b, "| `--%s` | %s | %s | %s |\n", f.Name, code(strings.Join(variables(f), "`, `")), code(f.Default), strings.ReplaceAll(f.Help, "|", "\\|"))
		}
	}
	return b.String()
}

// variables are those that set a flag, or name a file with its value.
func variables(f *kong.Flag) []string {
	if file := fileOf(f); file != "" {
		return append(slices.Clone(f.Envs), file)
	}
	return f.Envs
}

// code is text as code, nothing for nothing.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}
