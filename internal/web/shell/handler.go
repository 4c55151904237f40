package shell

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// Handler answers a request or says why not. A returned fault becomes a page
// with its status; any other error is logged under a number that the page shows.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Actor is who asks.
func Actor(r *http.Request) access.Actor { return access.From(r.Context()) }

// drawn keeps the memory of pages that were sent for the next ones.
var drawn = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Render writes a page: whole, or not at all.
func Render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	if err := count(r.Context()); err != nil {
		return err
	}
	b := drawn.Get().(*bytes.Buffer)
	defer drawn.Put(b)
	b.Reset()
	if err := page.Render(r.Context(), b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err := w.Write(b.Bytes())
	return err
}

// count finds out, once a page, how many things wait for who looks at it.
func count(ctx context.Context) (err error) {
	v := Of(ctx)
	if v.Count == nil {
		return nil
	}
	v.Waiting, err = v.Count(ctx)
	v.Count = nil
	return err
}

// Go answers a form that was accepted: the browser is sent on, so that
// reloading does not send it twice. done, a catalogue key, is shown there once.
func Go(w http.ResponseWriter, r *http.Request, to, done string) error {
	if done != "" {
		sep := "?"
		if strings.Contains(to, "?") {
			sep = "&"
		}
		path, fragment, found := strings.Cut(to, "#")
		to = path + sep + "done=" + done
		if found {
			to += "#" + fragment
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Handle turns h into an http.Handler: the one place where an error becomes a page. An answer that had begun is broken off, so that
// nobody takes what came of it for the whole.
func Handle(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answering{ResponseWriter: w}
		err := h(a, r)
		if err != nil && a.begun {
			slog.WarnContext(r.Context(), "an answer was broken off", "method", r.Method, "path", r.URL.Path, "error", err)
			panic(http.ErrAbortHandler)
		}
		if err != nil {
			Fail(w, r, err)
		}
	})
}

// answering knows whether an answer has begun.
type answering struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader begins the answer.
func (a *answering) WriteHeader(status int) {
	a.begun = true
	a.ResponseWriter.WriteHeader(status)
}

// Write begins the answer, or goes on with it.
func (a *answering) Write(b []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(b)
}

// ReadFrom sends a file the kernel's way where there is one.
func (a *answering) ReadFrom(r io.Reader) (int64, error) {
	a.begun = true
	return io.Copy(a.ResponseWriter, r)
}

// Fail answers with the page of an error.
func Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // the browser went away, whatever failed on that
	}
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		err = fault.New(fault.TooLarge, "fault.too_large", Bytes(big.Limit)).Because(err)
	}
	f := db.Fault(err)
	number := ""
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable && f.Err != nil {
		number = failed(w, r, f, err)
	}
	switch {
	case f.Kind == fault.SignIn && r.Method == http.MethodGet:
		http.Redirect(w, r, "/sign-in?next="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
		return
	case FromScript(r):
		err = answer(w, r, f)
	case r.Method == http.MethodPost && (f.Kind == fault.Internal || f.Kind == fault.Unavailable || f.Kind == fault.SignIn):
		err = Render(w, r, f.Kind.Status(), unsentPage(f, number, unsentOf(w, r)))
	default:
		err = Render(w, r, f.Kind.Status(), ErrorPage(f, number))
	}
	if err != nil {
		slog.WarnContext(r.Context(), "error page not written", "error", err)
	}
}

// failed logs a failure that is ours and returns the number under which, "" where it passes by itself.
func failed(w http.ResponseWriter, r *http.Request, f *fault.Error, err error) (number string) {
	Of(r.Context()).Count = nil // what failed may be the database: the page of an error must not need it
	if f.Kind == fault.Internal {
		number = fmt.Sprintf("%X", clock.Bytes(r.Context(), 4))
	} else {
		w.Header().Set("Retry-After", "10")
	}
	slog.ErrorContext(r.Context(), "request failed", "number", number, "method", r.Method, "path", r.URL.Path, "error", err)
	return number
}

// FromScript reports whether the pages' script asks, which sends what a page holds while that stays open, and reads no page.
func FromScript(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

// answer tells the pages' script why what it sent is not taken, at which field, and whether trying again may help.
func answer(w http.ResponseWriter, r *http.Request, f *fault.Error) error {
	if f.Kind == fault.SignIn {
		f = fault.New(fault.SignIn, "shell.unsent.signin.script")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(f.Kind.Status())
	later := f.Kind == fault.Internal || f.Kind == fault.Unavailable || f.Kind == fault.SignIn
	return json.NewEncoder(w).Encode(map[string]any{"error": f.Msg.In(lang.Of(r.Context())), "field": f.Field, "later": later})
}
