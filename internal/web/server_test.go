package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/web/shell"
)

// TestBrokenOff: of an answer that had begun when something failed nobody takes what came for the whole.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	table := shell.Handle(func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, strings.Repeat("A-2027-0001,Alder\r\n", 1000))
		return errors.Join(err, errors.New("the database is away"))
	})
	s := httptest.NewServer((&Server{}).outermost(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		table.ServeHTTP(w, r.WithContext(shell.With(r.Context(), &shell.View{URL: r.URL})))
	})))
	defer s.Close()
	answer, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes came, %v: %q", len(body), err, body[max(0, len(body)-80):])
	}
}
