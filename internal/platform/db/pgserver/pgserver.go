// Package pgserver runs PostgreSQL's own programs as processes of this one, for
// tests and for benches that kill a database. It installs nothing.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	role     = "headwater"
	patience = 30 * time.Second
)

// Server is one PostgreSQL server with a folder of its own, which holds its data
// and the Unix socket by which alone it is reached. Its programs are stopped by the
// kernel when this process ends, however it ends.
type Server struct {
	bin, dir string
	attr     *syscall.SysProcAttr
	options  []string
	process  *os.Process
	ended    chan struct{} // closed when the process that runs has ended
	alive    io.Closer     // closed by the kernel when this process ends: see Forget
}

// Programs is the folder of the newest installed PostgreSQL, "" if there is none.
func Programs() string {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for i := len(dirs) - 1; i >= 0; i-- {
		if _, err := os.Stat(filepath.Join(dirs[i], "initdb")); err == nil {
			return dirs[i]
		}
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p)
	}
	return ""
}

// New makes a server in a folder that is there, or in one of its own where dir is ""; Init or Follow fills it,
// Start runs it. The folder's path must be short, as a Unix socket's may have 107 bytes, and the user postgres must reach it.
func New(bin, dir string) (s *Server, err error) {
	if dir == "" {
		if dir, err = os.MkdirTemp("/tmp", "hwpg"); err != nil {
			return nil, err
		}
	}
	attr, err := asPostgres(dir)
	return &Server{bin: bin, dir: dir, attr: attr}, err
}

// Init makes the server an empty one.
func (s *Server) Init() error {
	return s.run("initdb", "-D", s.data(), "-U", role, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
}

// Follow makes the server a copy of one that runs, in place of what it held; once started it follows it.
func (s *Server) Follow(primary *Server) error {
	if err := os.RemoveAll(s.data()); err != nil {
		return err
	}
	return s.run("pg_basebackup", "-h", primary.dir, "-U", role, "-D", s.data(), "-R", "-X", "stream", "-c", "fast")
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.SysProcAttr, cmd.Dir = s.attr, s.dir
	return cmd
}

func (s *Server) run(program string, args ...string) error {
	if out, err := s.command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

// URL is the address of one of the server's databases. With others it leads to
// whichever of the servers takes writes.
func (s *Server) URL(database string, others ...*Server) string {
	q := url.Values{"host": {s.dir}}
	for _, o := range others {
		q.Set("host", q.Get("host")+","+o.dir)
		q.Set("target_session_attrs", "read-write")
	}
	return (&url.URL{Scheme: "postgres", User: url.User(role), Path: "/" + database, RawQuery: q.Encode()}).String()
}

// Exec runs a statement in the database "postgres".
func (s *Server) Exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// Start runs the server with settings ("fsync=off") and waits until it answers. After a
// Kill it is tried until the dead server's last processes are gone.
func (s *Server) Start(settings ...string) error {
	s.options = settings
	deadline := time.Now().Add(patience)
	for {
		err := s.launch()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// launch starts the process and waits until it answers or ends. Parent-death signals are sent when
// the thread that started the process ends, so that thread is kept.
func (s *Server) launch() error {
	args := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses="}
	for _, o := range s.options {
		args = append(args, "-c", o)
	}
	cmd := s.command("postgres", args...)
	attr := *s.attr
	follow(&attr)
	cmd.SysProcAttr = &attr
	started, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is ended by a signal: how is known
		}
		close(ended)
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process, s.ended = cmd.Process, ended
	return s.wait()
}

func (s *Server) wait() error {
	deadline := time.Now().Add(patience)
	for {
		err := s.Exec(context.Background(), "SELECT 1")
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-s.ended:
			return fmt.Errorf("PostgreSQL ended instead of starting: %w", err)
		case <-time.After(20 * time.Millisecond): // a process outside ours: there is no signal to wait for
		}
	}
}

// Kill ends the server as a failing machine would: SIGKILL, without a word to anybody.
func (s *Server) Kill() error { return s.signal(syscall.SIGKILL) }

// Stop ends the server in order, without waiting for its clients.
func (s *Server) Stop() error { return s.signal(syscall.SIGINT) }

func (s *Server) signal(how os.Signal) error {
	if err := s.process.Signal(how); err != nil {
		return err
	}
	<-s.ended
	return nil
}

// Hang stops the server's processes where they stand, as where its machine is frozen: it ends no connection, takes new
// ones and answers none. GoOn lets them go on. On Linux.
func (s *Server) Hang() error { return s.each(syscall.SIGSTOP) }

// GoOn ends a Hang.
func (s *Server) GoOn() error { return s.each(syscall.SIGCONT) }

// each sends a signal to the server's first process, and then to those that it has made by then.
func (s *Server) each(signal syscall.Signal) error {
	pid := s.process.Pid
	if err := syscall.Kill(pid, signal); err != nil {
		return err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", pid))
	if err != nil {
		return err
	}
	for _, child := range strings.Fields(string(children)) {
		id, err := strconv.Atoi(child)
		if err != nil {
			return err
		}
		if err := syscall.Kill(id, signal); err != nil && !errors.Is(err, syscall.ESRCH) { // it may have ended meanwhile
			return err
		}
	}
	return nil
}

// Remove deletes the server's folder. It must not run.
func (s *Server) Remove() error { return os.RemoveAll(s.dir) }

// Forget has the server's folder deleted when this process has ended, however it ends: by one that waits for that.
func (s *Server) Forget() (err error) {
	cmd := exec.Command("sh", "-c", `cat; for n in 1 2 3; do sleep 1; rm -rf "$1" && break; done`, "sh", s.dir) // what dies with us may write for a moment yet
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if s.alive, err = cmd.StdinPipe(); err != nil {
		return err
	}
	return cmd.Start()
}

// Ended is closed when the server that runs has ended.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Promote makes a standby the server that takes writes, and returns when it does.
func (s *Server) Promote(ctx context.Context) error {
	return s.Exec(ctx, "SELECT pg_promote(true, 30)")
}

// asPostgres makes dir the server's own and returns how to run it: PostgreSQL
// refuses to run as root, so there it runs as the user postgres.
func asPostgres(dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return &syscall.SysProcAttr{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("running as root, and there is no user postgres to start the server as: %w", err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("ids of the user postgres: %w", err)
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}
