package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"

	"github.com/headwater-platform/headwater/internal/platform/fetch"
)

// Service is an embedding service that speaks the protocol which most of them share: POST {"model", "input": [texts]}, answered
// by {"data": [{"index", "embedding": [numbers]}]}. It is a fetch.Client's: never inside, but for the networks in reach.
type Service struct {
	address, model, token string
	client                *http.Client
}

// New is a service at an address; the token, if any, goes as a bearer's. Errors: an address that is not http or https, or
// a token for one without TLS outside of this machine.
func New(address, model, token string, reach ...netip.Prefix) (*Service, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, errors.New("embedding service: an address such as https://embed.example.org/v1/embeddings is expected, without a password in it")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); u.Scheme == "http" && token != "" && (err != nil || !ip.IsLoopback()) {
		return nil, errors.New("embedding service: a token goes over https only")
	}
	return &Service{address, model, token, fetch.Client(reach...)}, nil
}

// Embed gives a vector for each text. Errors say what the service answered instead; they never hold the token or a text.
func (s *Service) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	body, err := json.Marshal(struct {
		Model string   `json:"model,omitempty"`
		Input []string `json:"input"`
	}{s.model, texts})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	res, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the service answered %s", res.Status)
	}
	var out struct {
		Data []struct {
			Index     int       `json:"index"`
			Embedding []float32 `json:"embedding"`
		} `json:"data"`
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return nil, fmt.Errorf("the service's answer: %w", err)
	}
	list := make([][]float32, len(texts))
	for _, d := range out.Data {
		if d.Index < 0 || d.Index >= len(list) || list[d.Index] != nil {
			return nil, fmt.Errorf("the service's answer names text %d of %d, or names it twice", d.Index, len(list))
		}
		list[d.Index] = d.Embedding
	}
	return list, nil
}
