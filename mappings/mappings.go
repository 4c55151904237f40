// Package mappings holds the mappings that ship with Headwater, for files that
// the world publishes. docs/import.md describes their language.
package mappings

import "embed"

// Files are the mappings, NAME.yaml.
//
//go:embed *.yaml
var Files embed.FS
