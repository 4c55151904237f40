package file

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// bad is what the test's own signatures know as malware.
const bad = "this text is what the signature of the test knows"

// scanned is what every scanner must do: take what is clean, refuse what is not, and refuse everything once it is away.
func scanned(t *testing.T, at string, stop func()) {
	t.Helper()
	scanner, err := NewScanner(at)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{DB: dbtest.SQLite(t), Dir: t.TempDir(), Scan: scanner}
	text := Meta{Name: "a.txt", Field: "plan", MaxBytes: 1 << 20}
	save(t, s, pdf, plan)
	save(t, s, strings.Repeat("Clean, and longer than one chunk. ", 8000), text)
	_, err = receive(t.Context(), s, bad, text)
	if f := fault.From(err); f.Kind != fault.Invalid || f.Field != "plan" || !strings.Contains(f.Error(), "Headwater.Test") {
		t.Errorf("what the signature knows: %v", err)
	}
	stop()
	if _, err := receive(t.Context(), s, "clean", text); !fault.Is(err, fault.Unavailable) {
		t.Errorf("with the daemon away: %v", err)
	}
	if n, problems, err := s.Audit(t.Context()); err != nil || n != 2 || len(problems) > 0 {
		t.Errorf("%d files, %v, %v", n, problems, err)
	}
	age(t, s.Dir)
	sweep(t, s, 0) // nothing that was refused is left
}

// TestScanByClamd runs ClamAV's own daemon with a signature file of one line.
func TestScanByClamd(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("clamd")
	if err != nil {
		if program = "/usr/sbin/clamd"; !there(program) {
			if os.Getenv("CI") == "true" {
				t.Fatal("no clamd: CI installs it, so that nothing is skipped there")
			}
			t.Skip("no clamd found: apt-get install clamav-daemon")
		}
	}
	dir, err := os.MkdirTemp("/tmp", "hwclam") // short: a Unix socket's path may have 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	socket := filepath.Join(dir, "clamd.ctl")
	signature := fmt.Sprintf("%x:%d:Headwater.Test\n", md5.Sum([]byte(bad)), len(bad))
	config := fmt.Sprintf("LocalSocket %s\nDatabaseDirectory %s\nForeground yes\nTemporaryDirectory %s\nUser root\n", socket, dir, dir)
	for name, text := range map[string]string{"test.hdb": signature, "clamd.conf": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	daemon := exec.Command(program, "--config-file", filepath.Join(dir, "clamd.conf"))
	daemon.Stdout, daemon.Stderr = &out, &out
	daemon.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	stop := func() {
		_ = daemon.Process.Kill() // where it has ended already there is nothing to end
		_ = daemon.Wait()
	}
	t.Cleanup(stop)
	for end := time.Now().Add(20 * time.Second); !there(socket); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("clamd does not listen: %s", out.String())
		}
	}
	scanned(t, "unix:"+socket, stop)
}

func there(path string) bool { _, err := os.Stat(path); return err == nil }

// TestScanProtocol is the same against a server that keeps to clamd(8) to the byte, over TCP, for machines without the daemon.
func TestScanProtocol(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop := func() { _ = l.Close() }
	t.Cleanup(stop)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if err := answer(c); err != nil {
				t.Error(err)
			}
		}
	}()
	scanned(t, "tcp:"+l.Addr().String(), stop)
}

// answer serves one INSTREAM.
func answer(c net.Conn) error {
	defer c.Close()
	r := bufio.NewReader(c)
	if command, err := r.ReadString(0); err != nil || command != "zINSTREAM\x00" {
		return fmt.Errorf("the command is %q, %w", command, err)
	}
	var content []byte
	for {
		var size uint32
		if err := binary.Read(r, binary.BigEndian, &size); err != nil {
			return err
		}
		if size == 0 {
			break
		}
		some := make([]byte, size)
		if _, err := io.ReadFull(r, some); err != nil {
			return err
		}
		content = append(content, some...)
	}
	text := "stream: OK\x00"
	if string(content) == bad {
		text = "stream: Headwater.Test.UNOFFICIAL FOUND\x00"
	}
	_, err := c.Write([]byte(text))
	return err
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"stream: OK\x00": "", "stream: Eicar-Signature FOUND\x00": "Eicar-Signature", "stream: a FOUND b FOUND\n": "a FOUND b"} {
		if found, err := verdict([]byte(text)); err != nil || found != want {
			t.Errorf("%q: %q, %v", text, found, err)
		}
	}
	for _, text := range []string{"", "INSTREAM size limit exceeded. ERROR\x00", "UNKNOWN COMMAND\x00", "stream: ", "OK"} {
		if found, err := verdict([]byte(text)); err == nil {
			t.Errorf("%q is taken as %q", text, found)
		}
	}
}
