package file

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/file/s3server"
)

// bucket is a store in a bucket that lets content rest for no time worth waiting for.
func bucket(t *testing.T, d *db.DB, server *s3server.Server) *Store {
	t.Helper()
	s, err := New(d, server.At())
	if err != nil {
		t.Fatal(err)
	}
	s.rest = time.Nanosecond
	return s
}

// TestBucket does on a real S3 server what TestEachUseIsItsOwn does in a folder.
func TestBucket(t *testing.T) {
	t.Parallel()
	server := s3server.Start(t)
	s := bucket(t, dbtest.SQLite(t), server)
	ctx := t.Context()
	one, two := save(t, s, pdf, plan), save(t, s, pdf, plan)
	if one.Hash != two.Hash || one.ID == two.ID || content(t, s, one) != pdf {
		t.Fatalf("%+v, %+v", one, two)
	}
	if err := s.Delete(ctx, one.ID); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // the server counts in seconds
	sweep(t, s, 0)
	if content(t, s, two) != pdf {
		t.Error("another use lost its content")
	}
	if err := s.Delete(ctx, two.ID); err != nil {
		t.Fatal(err)
	}
	sweep(t, s, 1)
	if _, err := s.Open(ctx, two); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("content without a use: %v", err)
	}
	lost, err := s.Receive(ctx, strings.NewReader(pdf), plan)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := s.removeObject(ctx, lost.Hash, false); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if err := s.Keep(ctx, lost, "x"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("kept what was swept just then: %v", err)
	}
	if _, err := s.Info(ctx, lost.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("its row: %v", err)
	}
}

// TestBucketThatKeepsVersions: what a sweep removes is in no older version either, nor what was removed before without them.
func TestBucketThatKeepsVersions(t *testing.T) {
	t.Parallel()
	server := s3server.StartVersions(t)
	s := bucket(t, dbtest.SQLite(t), server)
	ctx := t.Context()
	one, two := save(t, s, pdf, plan), save(t, s, pdf, plan) // two versions of one content
	kept := save(t, s, "kept", Meta{Name: "x", MaxBytes: 10})
	before := save(t, s, "removed before", Meta{Name: "x", MaxBytes: 100})
	if err := s.Bucket.remove(ctx, s.Bucket.object(before.Hash), false); err != nil {
		t.Fatal(err)
	}
	for _, r := range []Ref{one, two, before} {
		if err := s.Delete(ctx, r.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n := stored(t, s, one) + stored(t, s, before); n != 4 { // a mark of the removal is one too
		t.Errorf("%d versions before the sweep", n)
	}
	s.rest = time.Hour
	sweep(t, s, 0)
	s.rest = time.Nanosecond
	time.Sleep(1100 * time.Millisecond) // the server counts in seconds
	sweep(t, s, 2)
	if n := stored(t, s, one) + stored(t, s, before); n != 0 {
		t.Errorf("%d versions of what was removed are left", n)
	}
	if content(t, s, kept) != "kept" || stored(t, s, kept) != 1 {
		t.Error("what has a use was lost")
	}
	other := s.Bucket.clockName() + "work" // of somebody else who uses the bucket
	if _, err := s.Bucket.client.PutObject(ctx, s.Bucket.name, other, strings.NewReader("theirs"), 6, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	sweep(t, s, 0)
	if _, err := s.Bucket.client.StatObject(ctx, s.Bucket.name, other, minio.StatObjectOptions{}); err != nil {
		t.Errorf("what is not ours: %v", err)
	}
}

// stored counts the versions of a file's content that are in the bucket.
func stored(t *testing.T, s *Store, r Ref) (n int) {
	t.Helper()
	for o := range s.Bucket.client.ListObjects(t.Context(), s.Bucket.name, minio.ListObjectsOptions{Prefix: s.Bucket.object(r.Hash), WithVersions: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		n++
	}
	return n
}

// TestBucketWhoseVersionsAreNotOurs: keys that may not see to versions remove what they may, whether they know of the versions or not.
func TestBucketWhoseVersionsAreNotOurs(t *testing.T) {
	t.Parallel()
	for name, acts := range map[string][]string{"may not ask": nil, "may not list": {"GetBucketVersioning"}, "may not remove": {"GetBucketVersioning", "ListBucketVersions"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := s3server.StartVersions(t)
			s := bucket(t, dbtest.SQLite(t), server)
			full := s.Bucket.client
			s.Bucket.client = server.Client(server.Narrow(acts...))
			r := save(t, s, pdf, plan)
			if err := s.Delete(t.Context(), r.ID); err != nil {
				t.Fatal(err)
			}
			time.Sleep(1100 * time.Millisecond) // the server counts in seconds
			sweep(t, s, 1)
			if _, err := s.Open(t.Context(), r); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("content without a use: %v", err)
			}
			if _, err := s.Bucket.Versions(t.Context()); !Refused(err) {
				t.Errorf("what is in the way: %v", err)
			}
			s.Bucket.client = full // whoever may more finds it afterwards
			time.Sleep(1100 * time.Millisecond)
			sweep(t, s, 1)
			if n := stored(t, s, r); n != 0 {
				t.Errorf("%d versions are left", n)
			}
		})
	}
}

// TestBucketThatLocks: what the server holds back does not keep a sweep from the rest.
func TestBucketThatLocks(t *testing.T) {
	t.Parallel()
	server := s3server.StartVersions(t)
	s := bucket(t, dbtest.SQLite(t), server)
	held, free := save(t, s, pdf, plan), save(t, s, "free", Meta{Name: "x", MaxBytes: 10})
	hold := func(status minio.LegalHoldStatus) {
		t.Helper()
		if err := s.Bucket.client.PutObjectLegalHold(t.Context(), s.Bucket.name, s.Bucket.object(held.Hash), minio.PutObjectLegalHoldOptions{Status: &status}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Bucket.client.SetObjectLockConfig(t.Context(), s.Bucket.name, nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	hold(minio.LegalHoldEnabled)
	for _, r := range []Ref{held, free} {
		if err := s.Delete(t.Context(), r.ID); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(1100 * time.Millisecond) // the server counts in seconds
	sweep(t, s, 1)
	if stored(t, s, held) != 1 || stored(t, s, free) != 0 {
		t.Errorf("left are %d of what is held, %d of the other", stored(t, s, held), stored(t, s, free))
	}
	hold(minio.LegalHoldDisabled)
	sweep(t, s, 1)
}

// TestServerThatKnowsNoVersions: one that cannot even be asked for versions keeps none.
func TestServerThatKnowsNoVersions(t *testing.T) {
	t.Parallel()
	for code, known := range map[string]bool{"NotImplemented": true, "MethodNotAllowed": true, "InternalError": false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusNotImplemented)
			_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>no</Message></Error>")
		}))
		t.Cleanup(server.Close)
		s, err := New(nil, "s3+"+server.URL+"/bucket")
		if err != nil {
			t.Fatal(err)
		}
		if kept, err := s.Bucket.Versions(t.Context()); kept || (err == nil) != known {
			t.Errorf("%s: %t, %v", code, kept, err)
		}
	}
}

// TestBucketGoneAndBack: while the server is away nothing is kept and everything says so; then all is there.
func TestBucketGoneAndBack(t *testing.T) {
	t.Parallel()
	server := s3server.Start(t)
	s := bucket(t, dbtest.SQLite(t), server)
	before := save(t, s, pdf, plan)
	server.Kill()
	if _, err := s.Open(t.Context(), before); !fault.Is(err, fault.Unavailable) {
		t.Errorf("opening: %v", err)
	}
	if _, err := receive(t.Context(), s, "new", Meta{Name: "x", MaxBytes: 10}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("receiving: %v", err)
	}
	if _, err := s.Sweep(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("sweeping: %v", err)
	}
	server.Run()
	if content(t, s, before) != pdf || content(t, s, save(t, s, "new", Meta{Name: "x", MaxBytes: 10})) != "new" {
		t.Error("something was lost")
	}
}

// TestCopyTo moves files from a folder to a bucket and back.
func TestCopyTo(t *testing.T) {
	t.Parallel()
	server := s3server.Start(t)
	d := dbtest.SQLite(t)
	folder, back := &Store{DB: d, Dir: t.TempDir()}, &Store{DB: d, Dir: t.TempDir()}
	s := bucket(t, d, server)
	one := save(t, folder, pdf, plan)
	move := func(from, to *Store, copied, files int) {
		t.Helper()
		if n, err := from.CopyTo(t.Context(), to); err != nil || n != copied {
			t.Errorf("copied %d, %v; want %d", n, err, copied)
		}
		if n, problems, err := to.Audit(t.Context()); err != nil || n != files || len(problems) != 0 {
			t.Errorf("%d files, %v, %v; want %d", n, problems, err, files)
		}
	}
	move(folder, s, 1, 1)
	save(t, folder, "came since", Meta{Name: "x", MaxBytes: 10})
	move(folder, s, 1, 2)
	move(folder, s, 0, 2)
	move(s, back, 2, 2)
	if content(t, s, one) != pdf || content(t, back, one) != pdf {
		t.Error("another content")
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for at, ok := range map[string]bool{"/var/files": true, "s3+https://s3.example/bucket": true, "s3+http://127.0.0.1:9000/bucket/a/b?region=eu": true,
		"s3+https://key:secret@s3.example/bucket": false, "s3+https://s3.example/": false, "s3+ftp://s3.example/bucket": false, "s3+https://": false} {
		s, err := New(nil, at)
		if (err == nil) != ok || ok && (s.Bucket != nil) != strings.HasPrefix(at, "s3+") {
			t.Errorf("%s: %+v, %v", at, s, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret@") {
			t.Errorf("the error repeats a key: %v", err)
		}
	}
}
