package shell

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// A live part of a page follows what other people do. Nothing is pushed: the page's
// script asks for the part again, by a conditional GET that waits, and the answer is what
// this viewer may see now, made by the same view as the page itself. What a viewer may
// not see cannot change the part's bytes, so it cannot end their waiting either.
// Without script the same page shows the same on reloading.

const (
	glance   = 400 * time.Millisecond // between two looks at whether anything changed, as a rule
	patience = 10 * time.Second       // that an answer waits at most: less than the program waits for its requests when it ends
)

// Live answers GET for a live part.
type Live struct {
	// Stamp changes whenever something changed that the part may show to this viewer, and with nothing else where
	// what they must not know of is about: a part that is drawn anew takes time, though its bytes are the same.
	// It is asked for at each look.
	Stamp func(context.Context) (string, error)
	// Part is the part as this viewer sees it now. It must not show how much time is
	// left, and nothing else that changes by itself.
	Part func(context.Context) (templ.Component, error)
	// Every is the time between two looks, 0.4 s where it is 0: longer where the stamp
	// is dear.
	Every time.Duration
}

// Serve answers with the part once it differs from the one that If-None-Match names;
// with 304 where it does not within the seconds that the request prefers to wait
// (Prefer: wait=10, RFC 7240, section 4.3), at most 10; at once where it prefers none.
// Errors: those of Stamp and Part; so who may no longer see the part gets its refusal.
func (l Live) Serve(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	end := time.NewTimer(waiting(r))
	defer end.Stop()
	look := time.NewTicker(cmp.Or(l.Every, glance))
	defer look.Stop()
	last := "\x00" // no stamp
	for {
		stamp, err := l.Stamp(ctx)
		if err != nil {
			return err
		}
		if stamp != last {
			last = stamp
			if done, err := l.answer(w, r); done || err != nil {
				return err
			}
		}
		select {
		case <-look.C:
		case <-end.C:
			w.WriteHeader(http.StatusNotModified)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// answer sends the part if it is not the one that the viewer has.
func (l Live) answer(w http.ResponseWriter, r *http.Request) (done bool, err error) {
	part, err := l.Part(r.Context())
	if err != nil {
		return false, err
	}
	text, tag, err := drawnPart(r.Context(), part)
	if err != nil {
		return false, err
	}
	w.Header().Set("ETag", tag)
	if tag == r.Header.Get("If-None-Match") {
		return false, nil
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, err = w.Write(text)
	return true, err
}

// waiting is how long the request prefers to wait.
func waiting(r *http.Request) time.Duration {
	for _, preference := range strings.FieldsFunc(r.Header.Get("Prefer"), func(c rune) bool { return c == ',' || c == ';' }) {
		if text, ok := strings.CutPrefix(strings.TrimSpace(preference), "wait="); ok {
			seconds, err := strconv.Atoi(text)
			if err == nil && seconds > 0 {
				return min(time.Duration(seconds)*time.Second, patience)
			}
		}
	}
	return 0
}

// drawnPart is a part as text, with the tag that names exactly this text.
func drawnPart(ctx context.Context, part templ.Component) (text []byte, tag string, err error) {
	var b bytes.Buffer
	if err := part.Render(ctx, &b); err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(b.Bytes())
	return b.Bytes(), `"` + hex.EncodeToString(sum[:12]) + `"`, nil
}

// Following draws a live part into its page; address answers with Live.Serve. The part
// consists of elements with data-part, each with a name of its own: one in which
// somebody writes is left alone until they are done.
func Following(address string, part templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		text, tag, err := drawnPart(ctx, part)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, `<div data-follow="%s" data-tag="%s">%s</div>`, templ.EscapeString(address), templ.EscapeString(tag), text)
		return err
	})
}
