package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// setting is what a server is started with.
type setting struct {
	program, db, files, name string
	listen                   string        // host:port; "" for a free port
	smtp                     string        // "": mails stay in the outbox
	drain                    time.Duration // how long it goes on answering when it is asked to stop
	log                      io.Writer
}

// server is the program as a process of its own.
type server struct {
	cmd     *exec.Cmd
	address string // host:port
	ended   chan error
}

// startServer runs `program serve` and waits until it listens.
func startServer(ctx context.Context, with setting) (*server, error) {
	args := []string{"serve", "--db", with.db, "--files", with.files, "--listen", cmp.Or(with.listen, "127.0.0.1:0"), "--country", with.name, "--smtp", with.smtp}
	if with.drain > 0 { // an earlier program does not know it
		args = append(args, "--drain", with.drain.String())
	}
	cmd := exec.CommandContext(ctx, with.program, args...)
	cmd.Stderr = with.log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 20 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, ended: make(chan error, 1)}
	first, err := bufio.NewReader(out).ReadString('\n')
	if _, address, ok := strings.Cut(strings.TrimSpace(first), "http://"); ok && err == nil {
		s.address = address
		go func() { s.ended <- cmd.Wait() }()
		return s, nil
	}
	return nil, errors.Join(fmt.Errorf("the server did not start: %q", first), cmd.Process.Kill(), cmd.Wait())
}

// stop asks the server to finish what runs, and waits for it.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return <-s.ended
}

// kill ends the process at once, whatever it is doing.
func (s *server) kill() error {
	if err := s.cmd.Process.Kill(); err != nil {
		return err
	}
	<-s.ended // how it ended is known
	return nil
}

// memory is what the process holds in memory now, in megabytes, as Linux counts it; 0 elsewhere.
func (s *server) memory() (float64, error) { return s.memoryOf("VmRSS:") }

// mapped is the part of memory that is pages of files, nearly all of the program's own. Others can have them when they need
// room, and how many there are is the file system's doing too: two copies of one program differ by 17 MB.
func (s *server) mapped() (float64, error) { return s.memoryOf("RssFile:") }

// memoryOf is a line of the process's status, in megabytes.
func (s *server) memoryOf(name string) (float64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			var kB float64
			_, err := fmt.Sscanf(rest, "%f kB", &kB)
			return kB / 1024, err
		}
	}
	return 0, fmt.Errorf("no %s of process %d", name, s.cmd.Process.Pid)
}

// processor is what the process has used of its processors, as Linux counts it in hundredths
// of a second; 0 elsewhere.
func (s *server) processor() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(b), ") ") // behind the name of the program
	fields := strings.Fields(rest)
	var user, system int64
	if len(fields) > 12 {
		if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
			return 0, fmt.Errorf("times of process %d: %w", s.cmd.Process.Pid, err)
		}
	}
	return time.Duration(user+system) * 10 * time.Millisecond, nil
}
