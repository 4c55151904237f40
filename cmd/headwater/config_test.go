package main

import (
	"bytes"
	"encoding/base64"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/file/s3server"
)

// advised is what config check prints of settings that are safe but for the last ones.
func advised(t *testing.T, folder string, code int, last ...string) string {
	t.Helper()
	args := append([]string{"config", "check", "--db", filepath.Join(folder, "headwater.db"), "--files", filepath.Join(folder, "files"), "--address", "https://science.example.org",
		"--smtp", "smtp+starttls://mail.example.org:587", "--from", "office@science.example.org"}, last...)
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
	advised(t, folder, 0, "--listen", "localhost:8080")
	for _, proxies := range []string{"10.0.0.0/8", "104.16.0.0/13", "2a06:98c0::/29", "fd00::/8"} {
		advised(t, folder, 0, "--listen", "192.0.2.5:8080", "--proxies", proxies)
	}
	for _, server := range []string{"smtp://127.0.0.1:25", "smtp://localhost", "smtps://mail.example.org", "smtp://office@mail.example.org"} {
		advised(t, folder, 0, "--smtp", server)
	}
	advised(t, folder, 0, "--files", "s3+https://s3.example.org/bucket")
	advised(t, folder, 0, "--files", "s3+http://127.0.0.1:7070/bucket")
	advised(t, folder, 0, "--db", "postgres://headwater@db.example.org/x?sslmode=verify-full")
	advised(t, folder, 0, "--db", "postgres://headwater@127.0.0.1/x")
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
		{[]string{"--listen", "192.0.2.5:8080"}, "without TLS"},
		{[]string{"--listen", "[2001:db8::5]:8080"}, "without TLS"},
		{[]string{"--listen", "science.example.org:8080"}, "without TLS"},
		{[]string{"--proxies", "0.0.0.0/1"}, "anybody's X-Forwarded-For"},
		{[]string{"--proxies", "64.0.0.0/3"}, "anybody's X-Forwarded-For"},
		{[]string{"--proxies", "8.0.0.0/8"}, "anybody's X-Forwarded-For"},
		{[]string{"--proxies", "2000::/3"}, "anybody's X-Forwarded-For"},
		{[]string{"--proxies", "::/0"}, "anybody's X-Forwarded-For"},
		{[]string{"--metrics", "short"}, "can be guessed"},
		{[]string{"--metrics", "short"}, "HEADWATER_METRICS_TOKEN_FILE"},
		{[]string{"--metrics", "verysecret-and-long-enough"}, "HEADWATER_METRICS_TOKEN"},
		{[]string{"--embedding-token", "verysecret"}, "HEADWATER_EMBEDDING_TOKEN"},
		{[]string{"--embedding-token=verysecret"}, "HEADWATER_EMBEDDING_TOKEN"},
		{[]string{"--smtp", ""}, "reach nobody"},
		{[]string{"--smtp", "smtp://me:verysecret@mail.example.org"}, "HEADWATER_SMTP"},
		{[]string{"--smtp", "smtp://me:very%73ecret@mail.example.org"}, "HEADWATER_SMTP"},
		{[]string{"--smtp", "smtp://me:verysecret%zz@mail.example.org"}, "HEADWATER_SMTP"},
		{[]string{"--smtp", "smtp://mail.example.org:25"}, "smtp+starttls://"},
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
		{[]string{"--files", "s3+http://s3.example.org/bucket"}, "use s3+https"},
		{[]string{"--files", "s3+https://key:verysecret@s3.example.org/bucket"}, "AWS_SECRET_ACCESS_KEY"},
		{[]string{"--files", "/tmp/headwater"}, "deleted some day"},
		{[]string{"--db", "/var/tmp/headwater.db"}, "deleted some day"},
		{[]string{"--db", open}, "not what is expected"},
		{[]string{"--db", "postgres://headwater:verysecret@db.example.org/x"}, "HEADWATER_DB"},
		{[]string{"--db", "postgres://headwater:very%73ecret@db.example.org/x?sslmode=verify-full"}, "HEADWATER_DB_FILE"},
		{[]string{"--db", "postgres://hw:p%40ssw%2Frd@db.example.org/x?sslmode=verify-full"}, "HEADWATER_DB"},
		{[]string{"--db", "postgres://headwater@db.example.org/x?sslmode=verify-full&password=verysecret"}, "HEADWATER_DB"},
		{[]string{"--db", "postgres://headwater@db.example.org/x?sslmode=verify-full&sslpassword=verysecret"}, "HEADWATER_DB"},
		{[]string{"--db", "host=db.example.org user=headwater password = verysecret sslmode=verify-full"}, "HEADWATER_DB"},
		{[]string{"--db", "host=db.example.org user=headwater sslmode=verify-full"}, "write postgres://"},
		{[]string{"--db", "postgres://headwater@db.example.org/x"}, "sslmode=verify-full"},
		{[]string{"--db", "postgres://headwater@db.example.org/x?sslmode=prefer"}, "may go without TLS"},
		{[]string{"--db", "postgres://headwater@db.example.org/x?sslmode=require"}, "sslmode=verify-full"},
		{[]string{"--db", "postgresql://headwater@db.example.org/x?sslmode=require"}, "sslmode=verify-full"},
		{[]string{"--db", "postgres://headwater@127.0.0.1,db.example.org/x?sslmode=require"}, "to db.example.org"},
		{[]string{"--db", "postgres://headwater@db.example.org:verysecret/x"}, "cannot be read"},
	} {
		got := advised(t, folder, 1, c.last...)
		if !strings.Contains(got, c.says) || strings.Contains(got, "verysecret") {
			t.Errorf("%v: %q, must say %q and no secret", c.last, got, c.says)
		}
	}
}

// TestConfigCheckAsksTheBucket: what is said of a bucket is what its server says of it.
func TestConfigCheckAsksTheBucket(t *testing.T) {
	const folder = "/srv/headwater-that-is-still-to-be-made"
	server := s3server.StartVersions(t)
	says := func(files string, code int, want string) {
		t.Helper()
		if got := advised(t, folder, code, "--files", files); !strings.Contains(got, want) {
			t.Errorf("%q, must say %q", got, want)
		}
	}
	says(s3server.Start(t).At(), 0, "keeps no versions")
	says(server.At(), 0, "goes with every version")
	says("s3+http://127.0.0.1:1/bucket", 0, "could not be asked")
	for want, acts := range map[string][]string{"may not remove them": {"GetBucketVersioning"}, "may not ask": nil} {
		key, secret := server.Narrow(acts...)
		t.Setenv("AWS_ACCESS_KEY_ID", key)
		t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
		says(server.At(), 1, want)
	}
}
