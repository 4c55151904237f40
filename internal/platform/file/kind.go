package file

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"
)

// office are documents that are zip archives inside; the name tells which, and
// only among these.
var office = map[string]string{
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	".odt":  "application/vnd.oasis.opendocument.text",
	".ods":  "application/vnd.oasis.opendocument.spreadsheet",
	".odp":  "application/vnd.oasis.opendocument.presentation",
}

// mediaType says what content is by its first bytes. The name decides nothing
// but which of the kinds that are zip archives, or plain text, a file is.
func mediaType(head []byte, name string) string {
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	extension := strings.ToLower(filepath.Ext(name))
	switch {
	case bytes.Contains(head, []byte("%PDF-")) && !strings.HasPrefix(kind, "text/html"):
		return "application/pdf"
	case kind == "application/zip" && office[extension] != "":
		return office[extension]
	case kind == "text/plain" && bytes.Contains(bytes.ToLower(head), []byte("<svg")):
		return "image/svg+xml" // can hold a script: never to be shown as text of ours
	case kind == "text/plain" && extension == ".csv":
		return "text/csv"
	case kind == "text/plain" && extension == ".json":
		return "application/json"
	}
	return kind
}

func accepted(kind string, accept []string) bool {
	if len(accept) == 0 {
		return true
	}
	for _, a := range accept {
		family, any := strings.CutSuffix(a, "*")
		if a == kind || any && strings.HasPrefix(kind, family) {
			return true
		}
	}
	return false
}
