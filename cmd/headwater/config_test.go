package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// advised is what config check prints of settings that are safe but for the last ones.
func advised(t *testing.T, folder string, code int, last ...string) string {
	t.Helper()
	args := append([]string{"config", "check", "--db", filepath.Join(folder, "headwater.db"), "--files", filepath.Join(folder, "files"), "--address", "https://science.example.org",
		"--smtp", "smtp://mail.example.org:587", "--from", "office@science.example.org"}, last...)
	if !slices.Contains(last, "--second-factor") { // which would add to the list
		args = append(args, "--second-factor", "admin,decider,officer")
	}
	if !slices.Contains(last, "--seal") {
		args = append(args, "--seal", sealed(t))
	}
	var out bytes.Buffer
	if got := run(t.Context(), args, streams{nil, &out, &out}); got != code {
		t.Errorf("%v: exit %d, want %d\n%s", last, got, code, out.String())
	}
	return out.String()
}

// sealed is a file with a key that seals.
func sealed(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "seal.keys")
	if err := os.WriteFile(path, []byte(base64.StdEncoding.EncodeToString(make([]byte, 32))), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigCheck(t *testing.T) {
	t.Parallel()
	const folder = "/srv/headwater-that-is-still-to-be-made" // a checkout may stand where temporary files do, which is one of the faults
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	shared := filepath.Join(open, "seal.keys")
	if err := os.WriteFile(shared, []byte("verysecret"), 0o644); err != nil {
		t.Fatal(err)
	}
	advised(t, folder, 0)
	advised(t, folder, 0, "--listen", "0.0.0.0:8080", "--proxies", "10.1.2.3/32")
	advised(t, folder, 0, "--db", "postgres://headwater@db.example.org/x?sslmode=verify-full")
	advised(t, folder, 0, "--db", "postgres://headwater@/x?host=/run/postgresql")
	for _, c := range []struct {
		last []string
		says string
	}{
		{[]string{"--address", "http://science.example.org"}, "https address"},
		{[]string{"--address", "https://localhost"}, "https address"},
		{[]string{"--listen", ":8080"}, "without TLS"},
		{[]string{"--listen", "[::]:8080"}, "without TLS"},
		{[]string{"--listen", "8080"}, "host:port"},
		{[]string{"--proxies", "0.0.0.0/0"}, "anybody's X-Forwarded-For"},
		{[]string{"--metrics", "short"}, "can be guessed"},
		{[]string{"--smtp", ""}, "reach nobody"},
		{[]string{"--smtp", "smtp://me:verysecret@mail.example.org"}, "HEADWATER_SMTP"},
		{[]string{"--from", "headwater@localhost"}, "own domain"},
		{[]string{"--zone", "Middle/Earth"}, "time zone"},
		{[]string{"--second-factor", "officer"}, "leaves out decider"},
		{[]string{"--second-factor", "king"}, "no such role"},
		{[]string{"--reach", "169.254.0.0/16"}, "clouds give out"},
		{[]string{"--reach", "0.0.0.0/0"}, "this machine"},
		{[]string{"--files", open}, "everybody on this machine"},
		{[]string{"--seal", ""}, "sign the ledger anew"},
		{[]string{"--seal", shared}, "everybody on this machine"},
		{[]string{"--seal", shared}, "line 1"},
		{[]string{"--files", "/tmp/headwater"}, "deleted some day"},
		{[]string{"--db", "/var/tmp/headwater.db"}, "deleted some day"},
		{[]string{"--db", open}, "not what is expected"},
		{[]string{"--db", "postgres://headwater:verysecret@db.example.org/x"}, "HEADWATER_DB"},
		{[]string{"--db", "postgres://headwater@db.example.org/x"}, "sslmode=verify-full"},
		{[]string{"--db", "postgres://headwater@db.example.org:verysecret/x"}, "cannot be read"},
	} {
		got := advised(t, folder, 1, c.last...)
		if !strings.Contains(got, c.says) || strings.Contains(got, "verysecret") {
			t.Errorf("%v: %q, must say %q and no secret", c.last, got, c.says)
		}
	}
}
