package shell

import (
	"context"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/register"
)

// mostFound is how many matches are offered. Where so many are found there may be more, of the same name too.
const mostFound = 12

// Picked is the key that a PickField of the form chose. Where only text was sent
// it is looked up: one match is taken, and the one of several whose name it is; else several are offered (in pick.Found)
// with a refusal.
func Picked(ctx context.Context, f *Form, name string, pick *PickField, find func(context.Context, string, int) ([]register.Found, error)) (string, error) {
	if key := f.Key(name); key != "" {
		return key, nil
	}
	text := f.Text(name + "_text")
	if text == "" {
		return "", fault.Field(name, "fault.required")
	}
	found, err := find(ctx, text, mostFound)
	if err != nil {
		return "", err
	}
	if same := slices.DeleteFunc(slices.Clone(found), func(o register.Found) bool { return !strings.EqualFold(o.Name, text) }); len(same) == 1 && len(found) < mostFound {
		found = same
	}
	switch len(found) {
	case 0:
		return "", fault.Field(name, "shell.pick.none", text)
	case 1:
		return found[0].ID, nil
	}
	for _, o := range found {
		pick.Found = append(pick.Found, Option{Value: o.ID, Label: o.Name, Note: o.Note})
	}
	return "", fault.Field(name, "shell.pick.several", text)
}

// Key is the key that a PickField of the form chose, "" where another text was typed since the page was drawn: without
// script a page sends the key of what stood there before.
func (f *Form) Key(name string) string {
	if drawn := f.Values[name+"_drawn"]; len(drawn) > 0 && strings.TrimSpace(drawn[0]) != f.Text(name+"_text") {
		return ""
	}
	return f.Text(name)
}

// File sends a stored file, whole or the part that is asked for, and closes it.
func File(w http.ResponseWriter, r *http.Request, ref file.Ref, content io.ReadSeekCloser) error {
	defer content.Close()
	Attachment(w, ref.Name, unshown(ref.MediaType))
	http.ServeContent(w, r, "", ref.CreatedAt, content)
	return nil
}

// unshown is a media type under which no browser shows a page or a drawing that runs scripts, were it ever to show a file.
func unshown(kind string) string {
	if kind == "text/html" || strings.HasSuffix(kind, "/xml") || strings.HasSuffix(kind, "+xml") {
		return "application/octet-stream"
	}
	return kind
}

// Attachment sets the headers of a file that is taken, never shown within our pages.
func Attachment(w http.ResponseWriter, name, mediaType string) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
}
