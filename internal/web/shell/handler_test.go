package shell_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/headwater-platform/headwater/internal/web/shell"
)

// TestFailOfTheOneWhoLeft: what fails because the browser went away is no failure
// of ours, whatever the database made of it; the same error to who waits is one.
func TestFailOfTheOneWhoLeft(t *testing.T) {
	t.Parallel()
	fails := shell.Handle(func(http.ResponseWriter, *http.Request) error {
		return errors.Join(context.Canceled, errors.New("sql: transaction has already been committed or rolled back"))
	})
	ask := func(ctx context.Context) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		fails.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
		return w
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if w := ask(gone); w.Body.Len() != 0 {
		t.Errorf("who left is told %d: %s", w.Code, w.Body)
	}
	if w := ask(t.Context()); w.Code != http.StatusInternalServerError || w.Body.Len() == 0 {
		t.Errorf("who waits is told %d: %s", w.Code, w.Body)
	}
}
