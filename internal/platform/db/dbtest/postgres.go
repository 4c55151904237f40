package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// cluster is a PostgreSQL server for this test process.
type cluster struct {
	base     *url.URL // the address of its database "postgres"
	mu       sync.Mutex
	template string
}

func (c *cluster) url(name string) string {
	u := *c.base
	u.Path = "/" + name
	return u.String()
}

func (c *cluster) exec(query string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.base.String())
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, query)
	return err
}

func (c *cluster) create(name string) error {
	// One at a time: a template may not be in use while it is copied.
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.template == "" {
		tpl := fmt.Sprintf("tpl_%d", os.Getpid())
		if err := c.exec("CREATE DATABASE " + tpl + " TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"); err != nil {
			return err
		}
		d, err := db.Open(context.Background(), c.url(tpl), db.Options{})
		if err != nil {
			return err
		}
		if err := db.Migrate(context.Background(), d); err != nil {
			return err
		}
		if err := d.Close(); err != nil {
			return err
		}
		c.template = tpl
	}
	return c.exec("CREATE DATABASE " + name + " TEMPLATE " + c.template)
}

func (c *cluster) drop(name string) error { return c.exec("DROP DATABASE " + name + " WITH (FORCE)") }

// server starts the cluster once. Both results nil: there is none to be had here.
var server = sync.OnceValues(func() (*cluster, error) {
	if env := os.Getenv("HEADWATER_TEST_POSTGRES"); env != "" {
		u, err := url.Parse(env)
		return &cluster{base: u}, err
	}
	bin := programs()
	if bin == "" {
		return nil, nil
	}
	return start(bin)
})

// programs is the folder of the newest installed PostgreSQL, "" if there is none.
func programs() string {
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

func start(bin string) (*cluster, error) {
	// A short path: a Unix socket's may have 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "hwpg")
	if err != nil {
		return nil, err
	}
	attr, err := asPostgres(dir)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	init := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "headwater", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	init.SysProcAttr, init.Dir = attr, dir
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	run := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off", "-c", "max_connections=300",
		"-c", "shared_buffers=64MB")
	run.SysProcAttr, run.Dir = attr, dir
	if err := keep(run, dir); err != nil {
		return nil, err
	}
	c := &cluster{base: &url.URL{Scheme: "postgres", User: url.User("headwater"), Path: "/postgres",
		RawQuery: url.Values{"host": {dir}}.Encode()}}
	return c, c.wait()
}

func (c *cluster) wait() error {
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := c.exec("SELECT 1")
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond) // a process outside ours: there is no signal to wait for
	}
}

// keep starts the server so that the kernel stops it (fast shutdown) when this
// process ends, however it ends. The signal is sent when the *thread* that
// started it ends, so that thread is kept.
func keep(run *exec.Cmd, dir string) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		attr := *run.SysProcAttr
		attr.Pdeathsig = syscall.SIGINT
		run.SysProcAttr = &attr
		started <- run.Start()
		_ = run.Wait()
		_ = os.RemoveAll(dir)
	}()
	return <-started
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
	if err1 != nil || err2 != nil {
		return nil, fmt.Errorf("user postgres has ids %s", strings.Join([]string{u.Uid, u.Gid}, ":"))
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}
