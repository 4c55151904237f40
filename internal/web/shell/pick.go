package shell

import (
	"context"
	"io"
	"mime"
	"net/http"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file"
	"github.com/headwater-platform/headwater/internal/register"
)

// Picked is the key that a PickField of the form chose. Where only text was sent
// it is looked up: one match is taken, several are offered (in pick.Found) with a refusal.
func Picked(ctx context.Context, f *Form, name string, pick *PickField, find func(context.Context, string, int) ([]register.Found, error)) (string, error) {
	if key := f.Text(name); key != "" {
		return key, nil
	}
	text := f.Text(name + "_text")
	if text == "" {
		return "", fault.Field(name, "fault.required")
	}
	found, err := find(ctx, text, 12)
	if err != nil {
		return "", err
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

// File sends a stored file, whole or the part that is asked for, and closes it.
func File(w http.ResponseWriter, r *http.Request, ref file.Ref, content io.ReadSeekCloser) error {
	defer content.Close()
	Attachment(w, ref.Name, ref.MediaType)
	http.ServeContent(w, r, "", ref.CreatedAt, content)
	return nil
}

// Attachment sets the headers of a file that is taken, never shown within our pages.
func Attachment(w http.ResponseWriter, name, mediaType string) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
}
