package embed_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/embed"
	"github.com/headwater-platform/headwater/internal/platform/fetch"
)

var loopback = netip.MustParsePrefix("127.0.0.0/8")

func fake(t *testing.T, answer http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s.URL
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	at := fake(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Model string
			Input []string
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Model != "small" || r.Header.Get("Authorization") != "Bearer secret" || r.Method != http.MethodPost {
			t.Errorf("sent %+v, %v", in, err)
		}
		fmt.Fprintf(w, `{"data":[{"index":1,"embedding":[0,%d]},{"index":0,"embedding":[%d,0]}]}`, len(in.Input[1]), len(in.Input[0]))
	})
	s, err := embed.New(at, "small", "secret", loopback)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Embed(t.Context(), []string{"one", "three"})
	if err != nil || !slices.Equal(got[0], []float32{3, 0}) || !slices.Equal(got[1], []float32{0, 5}) {
		t.Errorf("got %v, %v", got, err)
	}
}

// A service that fails, answers something else or sits where the installation does not allow it is an error without secrets.
func TestEmbedFails(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]http.HandlerFunc{
		"503":                  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"the service's answer": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") },
		"names text 7 of 1":    func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"data":[{"index":7,"embedding":[1]}]}`) },
		"is longer than": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"data":[{"embedding":[%s1]}]}`, strings.Repeat("1,", 1<<20))
		},
	} {
		s, err := embed.New(fake(t, answer), "", "secret", loopback)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = s.Embed(t.Context(), []string{"confidential"}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "confidential") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	s, err := embed.New(fake(t, func(http.ResponseWriter, *http.Request) { t.Error("this machine was asked") }), "", "")
	if err != nil {
		t.Fatal(err)
	}
	var refused fetch.Refused
	if _, err := s.Embed(t.Context(), []string{"a"}); !errors.As(err, &refused) {
		t.Errorf("an address inside: %v", err)
	}
	for _, bad := range []string{"", "ftp://example.org", "https://user:pass@example.org", "http://embed.example.org"} {
		if _, err := embed.New(bad, "", "token"); err == nil || strings.Contains(err.Error(), "pass@") {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
