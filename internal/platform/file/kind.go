package file

import (
	"bytes"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// headLength is how much of a file tells its kind.
const headLength = 1024

// inspector looks at an upload while it passes, so that nothing has to be read again, or be held in memory whole.
type inspector struct {
	head []byte
	pdf  pdfReader
}

func (i *inspector) Write(p []byte) (int, error) {
	i.head = append(i.head, p[:min(len(p), headLength-len(i.head))]...)
	i.pdf.take(p)
	return len(p), nil
}

// judge refuses what is not accepted of what has passed, and notes of the rest what it is.
func (i *inspector) judge(ref *Ref, m Meta) error {
	if ref.Size > m.MaxBytes {
		return fault.New(fault.TooLarge, "fault.too_large", megabytes(m.MaxBytes)).At(m.Field)
	}
	if ref.Size == 0 {
		return fault.Field(m.Field, "file.empty")
	}
	ref.MediaType = mediaType(i.head, ref.Name)
	if m.PDF || ref.MediaType == "application/pdf" {
		ref.MediaType = "application/pdf"
		var err error
		if ref.Pages, err = i.pdf.check(i.head); err != nil {
			return fault.From(err).At(m.Field)
		}
	}
	if !m.PDF && !accepted(ref.MediaType, m.Accept) {
		return fault.Field(m.Field, "file.kind", ref.MediaType)
	}
	return nil
}

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

// endings are how the name of a file ends by what it is, for those that are no office documents.
var endings = map[string]string{"application/pdf": ".pdf", "application/zip": ".zip", "application/json": ".json", "text/plain": ".txt", "text/csv": ".csv",
	"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg"}

// Called is r under a name that tells what the file is, and nothing of who named it: a file's own name may name its author.
func (r Ref) Called(name string) Ref {
	r.Name = name + endings[r.MediaType]
	for extension, kind := range office {
		if kind == r.MediaType {
			r.Name = name + extension
		}
	}
	return r
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
