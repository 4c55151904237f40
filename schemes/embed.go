// Package schemes holds the definitions that ship with Headwater: one YAML file
// a scheme, its forms as JSON Schema beside it.
package schemes

import "embed"

// Files are the definitions and their forms.
//
//go:embed *.yaml forms/*.json
var Files embed.FS
