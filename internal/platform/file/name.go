package file

import (
	"path/filepath"
	"strings"
	"unicode"
)

// cleanName keeps the last part of a name, without what could be a path or a trick.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*`, r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	if name = strings.Trim(name, ". "); name == "" {
		name = "file"
	}
	if r := []rune(name); len(r) > 120 {
		name = string(r[:100]) + filepath.Ext(name)
	}
	return name
}
