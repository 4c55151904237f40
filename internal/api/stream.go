package api

import (
	"io"
	"log/slog"
	"mime"

	"github.com/danielgtaylor/huma/v2"

	"github.com/headwater-platform/headwater/internal/platform/file"
)

// bytesIn documents a body that is read as it arrives.
func bytesIn(op *huma.Operation) {
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{anyBytes: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}
	op.SkipValidateBody = true
}

const anyBytes = "application/octet-stream"

// bytesOut documents an answer that is a file.
func bytesOut(op *huma.Operation) {
	op.Responses = map[string]*huma.Response{"200": {Description: "The file, to be saved.", Content: map[string]*huma.MediaType{anyBytes: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
}

// stream sends a file. It is sent as bytes to be saved, whatever it is, so that
// no browser takes it for a page of ours.
func stream(ref file.Ref, content io.ReadSeekCloser, err error) (*huma.StreamResponse, error) {
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", anyBytes)
		c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": ref.Name}))
		if _, err := io.Copy(c.BodyWriter(), content); err != nil {
			slog.WarnContext(c.Context(), "file not sent", "error", err)
		}
		if err := content.Close(); err != nil {
			slog.WarnContext(c.Context(), "file not closed", "error", err)
		}
	}}, nil
}
