package app_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/db/pgserver"
)

// Disks that are full or turn read-only: file systems of their own, which root alone may mount.

// notHere skips a test that may not mount. Where root runs it for CI nothing is skipped.
func notHere(t *testing.T, what string, err error) {
	t.Helper()
	if os.Getuid() == 0 && os.Getenv("CI") == "true" {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s takes root and the right to mount: %v", what, err)
}

// disk is a small file system of its own, made where the test may mount one.
func disk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		notHere(t, "a small disk", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := disk(t, "24m")
	w := onDisk(t, dir)
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	filler := filepath.Join(dir, "filler")
	fill(t, filler)
	kind, body := upload(w, append(aPDF, bytes.Repeat([]byte(" "), 1000)...))
	if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), apology) {
		t.Errorf("an upload to a full disk: %d %s", rec.Code, rec.Body)
	}
	form.Set("risks", strings.Repeat("More than what is left on the disk. ", 3000))
	form.Set("v_risks", "1")
	kept := mira.fails(page, form)
	mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusOK, "Before the trouble") // reading goes on
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	mira.ask("POST", page, kept, http.StatusSeeOther)
	if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusSeeOther {
		t.Errorf("an upload once there is room: %d", rec.Code)
	}
	w.survives(p, typedText)
	if len(w.stored()) != 1 {
		t.Errorf("stored: %v, want the one file", w.stored())
	}
}

// fill writes until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size > 0; {
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("filling the disk ended with %v", err)
	}
	_ = f.Close() // what it says of the last write is known
}

// TestReadOnlyFiles mounts the folder of files a second time, read-only.
func TestReadOnlyFiles(t *testing.T) {
	t.Parallel()
	real := disk(t, "4m")
	seen := t.TempDir()
	for _, flags := range []uintptr{syscall.MS_BIND, syscall.MS_BIND | syscall.MS_REMOUNT | syscall.MS_RDONLY} {
		if err := syscall.Mount(real, seen, "", flags, ""); err != nil {
			notHere(t, "a read-only folder", err)
		}
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(seen, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	w := country(t, dbtest.SQLitePath(t), func(c *app.Config) { c.Files = seen })
	_, p := w.draft()
	mira := w.visitor("mira")
	kind, body := upload(w, aPDF)
	if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), apology) {
		t.Errorf("an upload to a read-only disk: %d %s", rec.Code, rec.Body)
	}
	page, form := w.approach(p)
	mira.ask("POST", page, form, http.StatusSeeOther) // what needs no file goes on
	w.survives(p, typedText)

	// A database that cannot be written is not opened: better no server than one that takes nothing.
	if err := os.WriteFile(filepath.Join(real, "old.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if a, err := app.Open(w.ctx, app.Config{Database: filepath.Join(seen, "old.db")}); err == nil {
		t.Error("a server starts on a read-only database")
		w.must(a.Close())
	}
}

// breaking is an ext4 file system of its own whose kernel can be told that it is broken: it is read-only from that moment
// on, also to those who have files of it open for writing, as a disk is that fails under a server. (Remounting by hand would be
// refused while they do.) Only mounting it anew mends it.
type breaking struct {
	t          *testing.T
	image, dir string // the folder's path is short, and every user may enter it
}

func newBreaking(t *testing.T, megabytes int64) breaking {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "hwdisk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil {
			t.Error(err)
		}
	})
	d := breaking{t, filepath.Join(t.TempDir(), "image"), dir}
	err = os.WriteFile(d.image, nil, 0o600)
	if err == nil {
		err = os.Truncate(d.image, megabytes<<20)
	}
	if err == nil {
		err = run("mkfs.ext4", "-q", d.image)
	}
	if err == nil {
		err = d.mount()
	}
	if err != nil {
		notHere(t, "a disk that breaks", err)
	}
	t.Cleanup(d.unmount)
	return d
}

func run(program string, args ...string) error {
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return nil
}

func (d breaking) mount() error { return run("mount", "-o", "loop,errors=remount-ro", d.image, d.dir) }

// unmount waits for the last process of a server that was killed: there is no signal to wait for.
func (d breaking) unmount() {
	d.t.Helper()
	err := run("umount", d.dir)
	for deadline := time.Now().Add(20 * time.Second); err != nil && time.Now().Before(deadline); err = run("umount", d.dir) {
		time.Sleep(50 * time.Millisecond)
	}
	if err != nil {
		d.t.Error(err)
	}
}

// breaks makes the disk read-only.
func (d breaking) breaks() {
	d.t.Helper()
	var s syscall.Stat_t
	if err := syscall.Stat(d.dir, &s); err != nil {
		d.t.Fatal(err)
	}
	device, err := filepath.EvalSymlinks(fmt.Sprintf("/sys/dev/block/%d:%d", s.Dev>>8, s.Dev&0xff))
	if err == nil {
		err = os.WriteFile(filepath.Join("/sys/fs/ext4", filepath.Base(device), "trigger_fs_error"), []byte("1"), 0)
	}
	if err == nil {
		if err = os.WriteFile(filepath.Join(d.dir, "tried"), nil, 0o600); errors.Is(err, syscall.EROFS) {
			return
		}
	}
	d.t.Fatalf("the disk is not read-only: %v", err)
}

// mended mounts the disk anew. Nobody may have files of it open.
func (d breaking) mended() {
	d.t.Helper()
	d.unmount()
	if err := d.mount(); err != nil {
		d.t.Fatal(err)
	}
}

// again ends the server, and starts another in its place once something was done.
func (w *world) again(done func()) {
	w.t.Helper()
	if err := w.Close(); err != nil {
		w.t.Logf("the end of the server: %v", err)
	}
	done()
	a, err := app.Open(w.ctx, w.Config)
	w.must(err)
	w.App = a
}

// onDisk is the small country with its database and its files in a folder; a commit is on the disk before it is acknowledged.
func onDisk(t *testing.T, dir string) *world {
	t.Helper()
	path := filepath.Join(dir, "test.db")
	content, err := os.ReadFile(dbtest.SQLitePath(t))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil { // as SQLite itself leaves it on the disk
		t.Fatal(err)
	}
	return country(t, path, func(c *app.Config) { c.Files, c.Relaxed = filepath.Join(dir, "files"), false })
}

// TestDiskBreaks: the disk under SQLite turns read-only while the server runs. People read on, what they typed is in the
// page that says that it was not kept, and a server on the mended disk takes it.
func TestDiskBreaks(t *testing.T) {
	t.Parallel()
	d := newBreaking(t, 64)
	w := onDisk(t, d.dir)
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	d.breaks()
	kept := mira.fails(page, form)
	mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusOK, "Before the trouble")
	kind, body := upload(w, aPDF)
	if rec := mira.attach(p, kind, bytes.NewReader(body)); rec.Code != http.StatusServiceUnavailable || !strings.Contains(rec.Body.String(), apology) {
		t.Errorf("an upload to a broken disk: %d %s", rec.Code, rec.Body)
	}
	mira.fails(page, kept)
	w.again(d.mended)
	mira.ask("POST", page, kept, http.StatusSeeOther)
	w.survives(p, typedText)
}

// TestDiskReadOnlyAndBack: the kernel refuses all writing to SQLite's files for a while, as where a volume is read-only
// and then is not. The server goes on by itself. strace stands between this process and the kernel; no other test runs meanwhile.
func TestDiskReadOnlyAndBack(t *testing.T) {
	w := onDisk(t, t.TempDir())
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	writable := refuseWrites(t, w.Config.Database)
	kept := mira.fails(page, form)
	mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusOK, "Before the trouble")
	kept = mira.fails(page, kept)
	w.now.Advance(61 * time.Minute) // their session is to be prolonged, and cannot be
	mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusOK, "Before the trouble")
	writable()
	mira.ask("POST", page, kept, http.StatusSeeOther)
	w.survives(p, typedText)
}

// refuseWrites has the kernel answer EROFS to all that would write to a database's files, until what it returns is called.
func refuseWrites(t *testing.T, database string) (writable func()) {
	t.Helper()
	const writing = "write,pwrite64,pwritev,ftruncate,fallocate,fsync,fdatasync"
	cmd := exec.Command("strace", "-f", "-o", "/dev/null", "-e", "trace="+writing, "-e", "inject="+writing+":error=EROFS",
		"-P", database, "-P", database+"-wal", "-P", database+"-shm", "-p", strconv.Itoa(os.Getpid()))
	out, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		notHere(t, "refusing to write", err)
	}
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || !strings.Contains(first, "attached") {
		notHere(t, "refusing to write", fmt.Errorf("strace: %s %w", first, errors.Join(err, cmd.Wait())))
	}
	return func() {
		t.Helper()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it ends by our signal
	}
}

// postgresIn is a PostgreSQL server with an empty database "storm"; in a folder of its own where dir is "".
func postgresIn(t *testing.T, dir string, settings ...string) *pgserver.Server {
	t.Helper()
	bin := pgserver.Programs()
	if bin == "" {
		t.Skip("no PostgreSQL programs found")
	}
	s, err := pgserver.New(bin, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := s.Stop()
		if dir == "" {
			err = errors.Join(err, s.Remove())
		}
		if err != nil {
			t.Error(err)
		}
	})
	steps := []error{s.Init(), s.Start(settings...), s.Exec(t.Context(), "CREATE DATABASE storm")}
	if dir != "" {
		steps = append(steps, run("sync", "-f", dir)) // initdb leaves what it makes to us
	}
	for _, err := range steps {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestPostgresDiskBreaks: PostgreSQL gives up where its disk turns read-only. The server goes on, and so do people once
// PostgreSQL runs on the mended disk.
func TestPostgresDiskBreaks(t *testing.T) {
	t.Parallel()
	d := newBreaking(t, 192)
	s := postgresIn(t, d.dir)
	w := country(t, s.URL("storm"))
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	d.breaks()
	kept := mira.fails(page, form)
	if err := s.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	mira.fails(page, kept)
	d.mended()
	w.must(s.Start())
	mira.ask("POST", page, kept, http.StatusSeeOther)
	w.survives(p, typedText)
}

// TestPostgresReadOnlyAndBack: a PostgreSQL server that takes no writes for a while, as one that an operator or a
// failover has set so.
func TestPostgresReadOnlyAndBack(t *testing.T) {
	t.Parallel()
	s := postgresIn(t, "", "fsync=off")
	w := country(t, s.URL("storm"))
	_, p := w.draft()
	mira := w.visitor("mira")
	page, form := w.approach(p)
	readOnly := func(value string) {
		t.Helper()
		w.must(s.Exec(w.ctx, "ALTER SYSTEM SET default_transaction_read_only = "+value))
		w.must(s.Exec(w.ctx, "SELECT pg_reload_conf()"))
		w.DB.Pool.Reset() // those that are open may hear of it later
	}
	readOnly("on")
	kept := mira.fails(page, form)
	mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusOK, "Before the trouble")
	w.now.Advance(61 * time.Minute) // their session is to be prolonged, and cannot be
	mira.ask("GET", "/proposals/"+p.ID, nil, http.StatusOK, "Before the trouble")
	readOnly("off")
	mira.ask("POST", page, kept, http.StatusSeeOther)
	w.survives(p, typedText)
}
