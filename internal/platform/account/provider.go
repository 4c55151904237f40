package account

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// Provider is another place where people sign in, by OpenID Connect.
type Provider struct {
	ID       string `yaml:"id"`     // in addresses: letters, digits, "-"
	Name     string `yaml:"name"`   // on the button
	Issuer   string `yaml:"issuer"` // "https://orcid.org"
	ClientID string `yaml:"client_id"`
	Secret   string `yaml:"-"`
	// SecretEnv or SecretFile say where the client secret is; it never stands in the file itself.
	SecretEnv  string   `yaml:"secret_env"`
	SecretFile string   `yaml:"secret_file"`
	Scopes     []string `yaml:"scopes"` // besides openid; none: profile and email
	// ORCID names the claim that holds a proven ORCID iD: "sub" at orcid.org.
	ORCID string `yaml:"orcid"`
	// TrustEmail takes an address that the provider calls verified as proven. Only for
	// a provider that issues the addresses itself, such as a university for its own members.
	TrustEmail bool `yaml:"trust_email"`
}

var providerID = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// ReadProviders reads the list of providers (YAML) and their secrets. env is os.Getenv, usually.
func ReadProviders(r io.Reader, env func(string) string) ([]Provider, error) {
	var list []Provider
	if err := yaml.NewDecoder(r, yaml.Strict()).Decode(&list); err != nil && err != io.EOF {
		return nil, fmt.Errorf("list of providers: %w", err)
	}
	seen := map[string]bool{}
	for i := range list {
		p := &list[i]
		u, err := url.Parse(p.Issuer)
		switch {
		case !providerID.MatchString(p.ID) || seen[p.ID]:
			return nil, fmt.Errorf("provider %d: id %q: take small letters, digits and -, each id once", i+1, p.ID)
		case p.Name == "" || p.ClientID == "":
			return nil, fmt.Errorf("provider %s: name and client_id are needed", p.ID)
		case err != nil || (u.Scheme != "https" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1"):
			return nil, fmt.Errorf("provider %s: issuer %q: an https address is needed", p.ID, p.Issuer)
		}
		seen[p.ID] = true
		if p.SecretEnv != "" {
			p.Secret = env(p.SecretEnv)
		}
		if p.SecretFile != "" {
			b, err := os.ReadFile(p.SecretFile)
			if err != nil {
				return nil, fmt.Errorf("provider %s: %w", p.ID, err)
			}
			p.Secret = strings.TrimSpace(string(b))
		}
		if p.Secret == "" && (p.SecretEnv != "" || p.SecretFile != "") {
			return nil, fmt.Errorf("provider %s: its client secret is empty", p.ID)
		}
	}
	return list, nil
}
