package main

import (
	"fmt"
	"net/netip"

	"github.com/headwater-platform/headwater/internal/platform/embed"
)

// embedding settles whether scores are blended with those of an embedding service. It is off where no address is set.
type embedding struct {
	Embedding string  `help:"Address of an embedding service, https://…/v1/embeddings: titles and abstracts of works and proposals go there, and its likeness is blended with that of words. Off where not set." env:"HEADWATER_EMBEDDING" placeholder:"URL"`
	Model     string  `help:"Model that the embedding service is asked for." name:"embedding-model" env:"HEADWATER_EMBEDDING_MODEL"`
	Token     string  `help:"Bearer token for the embedding service: by the variable only, or in the file that HEADWATER_EMBEDDING_TOKEN_FILE names." name:"embedding-token" env:"HEADWATER_EMBEDDING_TOKEN"`
	Share     float64 `help:"Share of a score that comes from the embedding service, over 0 to 1." name:"embedding-share" env:"HEADWATER_EMBEDDING_SHARE" default:"0.5"`
}

// service is the embedding service, nil where none is set.
func (e embedding) service(reach []netip.Prefix) (*embed.Service, error) {
	switch {
	case e.Embedding == "":
		return nil, nil
	case !(e.Share > 0 && e.Share <= 1):
		return nil, fmt.Errorf("--embedding-share %g: a number over 0 and at most 1 is expected", e.Share)
	}
	s, err := embed.New(e.Embedding, e.Model, e.Token, reach...)
	if err != nil {
		return nil, fmt.Errorf("--embedding: %w", err)
	}
	return s, nil
}
