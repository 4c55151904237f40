package file

import (
	"mime"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// NameIn is the name in the Content-Disposition of a file that is sent alone. It stands there and not in an address, as addresses come to
// stand in logs and names of files name people. Errors: Invalid for a header without a name that can be read, and for a name with a path
// or control characters. Marks of direction, which some systems write into names, are left out of it when it is stored.
func NameIn(disposition string) (string, error) {
	_, said, err := mime.ParseMediaType(disposition)
	name := said["filename"]
	switch {
	case err != nil || name == "" || !utf8.ValidString(name):
		return "", fault.New(fault.Invalid, "file.name.none").Because(err)
	case strings.ContainsFunc(name, func(r rune) bool { return r == '/' || r == '\\' || unicode.IsControl(r) }):
		return "", fault.New(fault.Invalid, "file.name.path")
	}
	return name, nil
}

// cleanName keeps the last part of a name, without what could be a path or a trick.
func cleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`<>:"|?*`, r) {
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
