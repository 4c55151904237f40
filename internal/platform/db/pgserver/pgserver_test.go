package pgserver

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// TestForget: a server's folder is there while the process that made it lives, and gone when that has been killed.
func TestForget(t *testing.T) {
	if dir := os.Getenv("HEADWATER_FORGET"); dir != "" {
		s := &Server{dir: dir}
		if err := s.Forget(); err != nil {
			t.Fatal(err)
		}
		os.Stdout.WriteString("made\n")
		time.Sleep(time.Hour) // until it is killed
		runtime.KeepAlive(s)
		return
	}
	t.Parallel()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestForget$")
	cmd.Env = append(os.Environ(), "HEADWATER_FORGET="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		_, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		if err != nil || time.Now().After(end) {
			t.Fatalf("the folder is still there: %v", err)
		}
	}
}
