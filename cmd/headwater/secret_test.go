package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecretsOnTheCommandLine: no command runs with a secret in its arguments, says where it belongs, and repeats nothing of it.
func TestSecretsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	const address = "postgres://headwater:very%73ecret@db.invalid/x"
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"serve", "--db", address}, "HEADWATER_DB_FILE"},
		{[]string{"serve", "--db=" + address}, "HEADWATER_DB"},
		{[]string{"serve", "--db", "postgres://headwater@db.invalid/x?password=verysecret"}, "HEADWATER_DB"},
		{[]string{"serve", "--db", "host=db.invalid password='verysecret'"}, "HEADWATER_DB"},
		{[]string{"serve", "--smtp", "smtp://me:verysecret@mail.invalid"}, "HEADWATER_SMTP_FILE"},
		{[]string{"serve", "--metrics", "verysecret"}, "HEADWATER_METRICS_TOKEN_FILE"},
		{[]string{"serve", "--embedding-token", "verysecret"}, "HEADWATER_EMBEDDING_TOKEN_FILE"},
		{[]string{"expertise", "score", "--people", "secret_test.go", "--texts", "secret_test.go", "--out", "none", "--embedding-token", "verysecret"}, "HEADWATER_EMBEDDING_TOKEN"},
		{[]string{"migrate", "--db", address}, "HEADWATER_DB"},
		{[]string{"admin", "ada@example.org", "--db", address}, "HEADWATER_DB"},
		{[]string{"ledger", "verify", "--db", address}, "HEADWATER_DB"},
		{[]string{"backup", "folder", "--db", address}, "HEADWATER_DB"},
		{[]string{"files", "check", "--db", address}, "HEADWATER_DB"},
		{[]string{"erasure", "list", "--db", address}, "HEADWATER_DB"},
		{[]string{"demo", "--db", address}, "PGPASSFILE"},
		{[]string{"bench", "storm", "--db", address}, "PGPASSFILE"},
	} {
		got := told(t, 2, c.args...)
		if !strings.Contains(got, "command line") || !strings.Contains(got, c.says) || strings.Contains(got, "verysecret") || strings.Contains(got, "%73") {
			t.Errorf("%v: %q, must say %q and no secret", c.args, got, c.says)
		}
	}
}

// TestSecretsFromFiles cannot run beside others: it sets the environment of the whole process.
func TestSecretsFromFiles(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "headwater.db")
	told(t, 0, "migrate", "--db", path)
	held := filepath.Join(folder, "held")
	hold := func(text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(held, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	hold(path+"\n", 0o600)
	t.Setenv("HEADWATER_DB_FILE", held)
	told(t, 0, "ledger", "verify")
	told(t, 0, "ledger", "verify", "--db", filepath.Join(folder, "headwater.db")) // the flag wins
	t.Setenv("HEADWATER_DB", path)
	if got := told(t, 2, "ledger", "verify"); !strings.Contains(got, "both set") {
		t.Errorf("both are set: %q", got)
	}
	t.Setenv("HEADWATER_DB", "")
	for _, bad := range []string{"", " \n", "one\ntwo\n"} {
		hold(bad, 0o600)
		if got := told(t, 2, "ledger", "verify"); !strings.Contains(got, "one line") {
			t.Errorf("a file that holds %q: %q", bad, got)
		}
	}
	t.Setenv("HEADWATER_DB_FILE", filepath.Join(folder, "none"))
	if got := told(t, 2, "ledger", "verify"); !strings.Contains(got, "no such file") {
		t.Errorf("a file that is not there: %q", got)
	}
	t.Setenv("HEADWATER_DB_FILE", "")
	for variable, value := range map[string]string{"HEADWATER_DB_FILE": "postgres://headwater:verysecret@db.example.org/x?sslmode=require", "HEADWATER_METRICS_TOKEN_FILE": "short",
		"HEADWATER_SMTP_FILE": "smtp://mail.example.org", "HEADWATER_EMBEDDING_TOKEN_FILE": "verysecret"} {
		hold(value, 0o600)
		t.Setenv(variable, held)
		if err := os.Chmod(held, 0o644); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		run(t.Context(), []string{"config", "check"}, streams{nil, &out, &out})
		says := map[string]string{"HEADWATER_DB_FILE": "sslmode=verify-full", "HEADWATER_METRICS_TOKEN_FILE": "can be guessed", "HEADWATER_SMTP_FILE": "smtp+starttls://"}[variable]
		if got := out.String(); !strings.Contains(got, variable+" "+held+": everybody") || !strings.Contains(got, says) || strings.Contains(got, "verysecret") || strings.Contains(got, "command line") {
			t.Errorf("%s: %q, must say %q", variable, got, says)
		}
		t.Setenv(variable, "")
	}
}
