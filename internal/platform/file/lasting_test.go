package file

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// disk is what a loss of power leaves of the names in folders: those that each held when it was flushed.
type disk struct {
	mu   sync.Mutex
	left map[string][]string
}

func (d *disk) sync(folder string) error {
	list, err := os.ReadDir(folder)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, e := range list {
		d.left[folder] = append(d.left[folder], e.Name())
	}
	return errors.Join(err, syncFolder(folder))
}

// holds reports whether everything on the way from a folder down to a path is left.
func (d *disk) holds(from, path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for ; path != from; path = filepath.Dir(path) {
		if !slices.Contains(d.left[filepath.Dir(path)], filepath.Base(path)) {
			return false
		}
	}
	return true
}

// TestFirstUploadLasts: an upload that was answered is found after a loss of power, the first of an installation too, whose
// folders nobody made before, that whose folder another process made a moment before, and that whose folder was removed meanwhile.
func TestFirstUploadLasts(t *testing.T) {
	t.Parallel()
	d := dbtest.SQLite(t)
	root := t.TempDir()
	dir := filepath.Join(root, "lib", "headwater", "files")
	store := func() (*Store, *disk) {
		lost := &disk{left: map[string][]string{}}
		return &Store{DB: d, Dir: dir, sync: lost.sync}, lost
	}
	first, lost := store()
	if r := save(t, first, pdf, plan); !lost.holds(root, first.path(r.Hash)) {
		t.Errorf("the first upload: only %v is left", lost.left)
	}
	if err := os.RemoveAll(filepath.Join(root, "lib")); err != nil {
		t.Fatal(err)
	}
	lost.left = map[string][]string{}
	if r := save(t, first, pdf, plan); !lost.holds(root, first.path(r.Hash)) {
		t.Errorf("after the folder was removed: only %v is left", lost.left)
	}
	second, lost := store() // the folder is there, and nobody here knows whether it lasts
	if r := save(t, second, pdf, plan); !lost.holds(filepath.Dir(dir), second.path(r.Hash)) {
		t.Errorf("another process: only %v is left", lost.left)
	}
}

// TestUploadsAtOnceLast: of two that arrive at once neither is answered before the folders that one of them made are on the disk.
func TestUploadsAtOnceLast(t *testing.T) {
	t.Parallel()
	root, lost := t.TempDir(), &disk{left: map[string][]string{}}
	s := &Store{DB: dbtest.SQLite(t), Dir: filepath.Join(root, "files"), sync: lost.sync}
	var group sync.WaitGroup
	for _, text := range []string{"one", "two", "three", "four"} {
		group.Go(func() {
			r, err := receive(t.Context(), s, text, Meta{Name: text, MaxBytes: 10})
			if err != nil || !lost.holds(root, s.path(r.Hash)) {
				t.Errorf("%s: %v", text, err)
			}
		})
	}
	group.Wait()
}

// TestFolderOfOthers: a folder that was made for the installation where it may read no names serves as it is; one that it makes
// itself without being able to see that it lasts does not.
func TestFolderOfOthers(t *testing.T) {
	t.Parallel()
	above := t.TempDir()
	s := &Store{DB: dbtest.SQLite(t), Dir: filepath.Join(above, "files"), sync: func(folder string) error {
		if folder == above {
			return fs.ErrPermission
		}
		return syncFolder(folder)
	}}
	for range 2 {
		if _, err := receive(t.Context(), s, pdf, plan); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("a folder of our own: %v", err)
		}
	}
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	save(t, s, pdf, plan)
}

// TestPrepare: folders that were made at the start last, and each upload finds its own; where that cannot be seen they are not kept.
func TestPrepare(t *testing.T) {
	t.Parallel()
	root, lost := t.TempDir(), &disk{left: map[string][]string{}}
	s := &Store{DB: dbtest.SQLite(t), Dir: filepath.Join(root, "files"), sync: lost.sync}
	s.Prepare()
	if made := lost.left[s.Dir]; len(made) != 256 || !slices.Contains(made, "00") || !slices.Contains(made, "ff") {
		t.Errorf("%d folders last: %v", len(made), made)
	}
	if r := save(t, s, pdf, plan); !lost.holds(root, s.path(r.Hash)) || len(lost.left[s.Dir]) != 256 {
		t.Error("an upload after it saw to its folder again, or is not held")
	}
	full := &Store{Dir: t.TempDir(), sync: func(folder string) error {
		if folder == root {
			return nil
		}
		return errors.New("no")
	}}
	full.Prepare()
	left, err := os.ReadDir(full.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("%d folders are left that may not last: %v", len(left), err)
	}
}
