package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/once"
)

const (
	keyHeader   = "Idempotency-Key"
	againHeader = "Idempotency-Replayed"
)

// changing marks every POST that changes something: it takes an Idempotency-Key.
func (a *API) changing(op *huma.Operation) {
	longest := once.LongestKey
	op.Parameters = append(op.Parameters, &huma.Param{Name: keyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: &longest},
		Description: "Chosen by you, new for each request. Sent again within a day with the same body, the request is not done again: you get the first answer."})
	op.Middlewares = append(op.Middlewares, a.once)
}

// asking marks a POST that changes nothing: its body is a question that is too
// long for an address.
func asking(op *huma.Operation) {
	op.Metadata = map[string]any{"asking": true}
}

// secret marks an operation whose answer is shown this once.
func secret(op *huma.Operation) {
	op.Metadata = map[string]any{"secret": true}
}

// once serves a request with an Idempotency-Key in one unit of work with the
// keeping of its answer.
func (a *API) once(c huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(c)
	key, actor := r.Header.Get(keyHeader), access.From(c.Context())
	if key == "" || actor.Account == "" {
		next(c)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, c.Operation().MaxBodyBytes))
	if err != nil {
		write(c.Context(), w, fault.New(fault.TooLarge, "api.large").Because(err))
		return
	}
	kept := &kept{header: w.Header()}
	answer, again, err := a.Once.Do(c.Context(), actor.Account, key, digest(r, actor, body), func(ctx context.Context) once.Answer {
		r := r.WithContext(ctx)
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(humago.NewContext(c.Operation(), r, kept))
		return once.Answer{Status: kept.status, Body: kept.body.String(), Secret: c.Operation().Metadata["secret"] != nil}
	})
	if err != nil {
		write(c.Context(), w, err)
		return
	}
	if again {
		w.Header().Set(againHeader, "true")
		if answer.Body != "" {
			w.Header().Set("Content-Type", "application/json")
		}
	}
	w.WriteHeader(answer.Status)
	if _, err := io.WriteString(w, answer.Body); err != nil {
		slog.WarnContext(c.Context(), "answer not written", "error", err)
	}
}

// digest stands for everything that was asked, and in whose name.
func digest(r *http.Request, a access.Actor, body []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %s\n%s\n", r.Method, r.URL.RequestURI(), a.Delegation)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// kept is an answer that is written once its unit of work is committed.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header { return k.header }

func (k *kept) WriteHeader(status int) { k.status = status }

func (k *kept) Write(b []byte) (int, error) {
	if k.status == 0 {
		k.status = http.StatusOK
	}
	return k.body.Write(b)
}
