package shell_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/a-h/templ"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// said is a part that shows one text.
func said(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<p data-part="a">`+text+`</p>`)
		return err
	})
}

// TestLive: an answer comes at once to who has another part, and else once the part
// differs; what changes only what somebody may not see does not end their waiting.
func TestLive(t *testing.T) {
	t.Parallel()
	var hidden, shown atomic.Int64
	looked := make(chan bool, 100)
	live := shell.Live{
		Stamp: func(context.Context) (string, error) {
			return strings.Repeat("h", int(hidden.Load())) + strings.Repeat("s", int(shown.Load())), nil
		},
		Part: func(context.Context) (templ.Component, error) {
			looked <- true
			if shown.Load() > 1 {
				return nil, fault.Missing()
			}
			return said(strings.Repeat("x", int(shown.Load()))), nil
		},
	}
	ask := func(tag, prefer string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/live", nil)
		r.Header.Set("If-None-Match", tag)
		r.Header.Set("Prefer", prefer)
		w := httptest.NewRecorder()
		shell.Handle(live.Serve).ServeHTTP(w, r)
		return w
	}
	var page strings.Builder
	if err := shell.Following("/live", said("")).Render(t.Context(), &page); err != nil {
		t.Fatal(err)
	}
	first := ask("", "")
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || first.Body.String() != `<p data-part="a"></p>` || !strings.Contains(page.String(), templ.EscapeString(tag)) {
		t.Fatalf("first: %d %q; the page is %q, the tag %s", first.Code, first.Body, page.String(), tag)
	}
	<-looked
	if again := ask(tag, ""); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("without waiting: %d %q", again.Code, again.Body)
	}
	<-looked

	answer := make(chan *httptest.ResponseRecorder, 1)
	go func() { answer <- ask(tag, "respond-async, wait=8") }()
	<-looked
	hidden.Add(1)
	<-looked // it looked, and went on waiting
	select {
	case w := <-answer:
		t.Fatalf("what the viewer may not see ended the waiting: %d %q", w.Code, w.Body)
	default:
	}
	shown.Add(1)
	if w := <-answer; w.Code != http.StatusOK || w.Body.String() != `<p data-part="a">x</p>` || w.Header().Get("ETag") == tag {
		t.Errorf("after a change: %d %q", w.Code, w.Body)
	}
	shown.Add(1)
	if w := ask(tag, "wait=8"); w.Code != http.StatusNotFound {
		t.Errorf("who may no longer see it gets %d", w.Code)
	}
}
