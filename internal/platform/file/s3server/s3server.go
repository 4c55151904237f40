// Package s3server runs a real S3 server (versitygw over a folder) as a process of a test's own.
package s3server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// The keys of every server of a test process; Start puts them into the environment, where stores look for them.
const (
	key    = "headwater-test"
	secret = "headwater-test-secret"
	bucket = "headwater"
)

// Server is one S3 server with a bucket.
type Server struct {
	t        testing.TB
	program  string
	dir      string
	versions bool
	narrowed int // keys made
	address  string
	process  *exec.Cmd
}

var environment sync.Once

// program is versitygw: as HEADWATER_TEST_S3 names it, or where .ci/run builds it.
func program() string {
	if named := os.Getenv("HEADWATER_TEST_S3"); named != "" {
		return named
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if built := filepath.Join(cache, "headwater", "versitygw"); exists(built) {
			return built
		}
	}
	found, _ := exec.LookPath("versitygw")
	return found
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// Start runs a server until the test ends. Where its program is not found the test is skipped and says how to build it.
func Start(t testing.TB) *Server {
	t.Helper()
	return start(t, false)
}

// StartVersions is Start for a bucket that keeps versions.
func StartVersions(t testing.TB) *Server {
	t.Helper()
	s := start(t, true)
	s.must(s.Client(key, secret).EnableVersioning(context.Background(), bucket))
	return s
}

func start(t testing.TB, versions bool) *Server {
	t.Helper()
	p := program()
	if p == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("no S3 server: .ci/run builds it, so that nothing is skipped there")
		}
		t.Skip("no S3 server: go build -C tools/s3 -o ~/.cache/headwater/versitygw github.com/versity/versitygw/cmd/versitygw")
	}
	environment.Do(func() {
		if err := errors.Join(os.Setenv("AWS_ACCESS_KEY_ID", key), os.Setenv("AWS_SECRET_ACCESS_KEY", secret)); err != nil {
			t.Fatal(err)
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, program: p, dir: t.TempDir(), versions: versions, address: l.Addr().String()}
	if err := l.Close(); err != nil { // the server takes the port at once
		t.Fatal(err)
	}
	s.Run()
	t.Cleanup(s.Kill)
	return s
}

// At is the address of its bucket, as a store takes it.
func (s *Server) At() string { return "s3+http://" + s.address + "/" + bucket + "/files" }

// Dir is the folder that it serves: all that is in its buckets lies there, older versions included.
func (s *Server) Dir() string { return s.dir }

// Client speaks to it with some keys.
func (s *Server) Client(key, secret string) *minio.Client {
	s.t.Helper()
	client, err := minio.New(s.address, &minio.Options{Creds: credentials.NewStaticV4(key, secret, ""), Region: "us-east-1", MaxRetries: 1})
	s.must(err)
	return client
}

// Narrow makes keys that may do no more than what an installation needs in a bucket without versions, and these acts on the bucket.
// Those that it made before may nothing from then on.
func (s *Server) Narrow(acts ...string) (other, otherSecret string) {
	s.t.Helper()
	s.narrowed++
	other, otherSecret = fmt.Sprintf("narrow-%d", s.narrowed), "headwater-narrow-secret"
	made := exec.Command(s.program, "admin", "--access", key, "--secret", secret, "--endpoint-url", "http://"+s.address, "create-user", "--access", other, "--secret", otherSecret, "--role", "user")
	if out, err := made.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	allow := func(on string, acts ...string) string {
		return fmt.Sprintf(`{"Effect": "Allow", "Principal": {"AWS": [%q]}, "Action": ["s3:%s"], "Resource": ["arn:aws:s3:::%s%s"]}`, other, strings.Join(acts, `", "s3:`), bucket, on)
	}
	s.must(s.Client(key, secret).SetBucketPolicy(context.Background(), bucket, `{"Version": "2012-10-17", "Statement": [`+
		allow("/*", "GetObject", "PutObject", "DeleteObject")+", "+allow("", append(acts, "ListBucket")...)+"]}"))
	return other, otherSecret
}

func (s *Server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Kill ends it as a loss of power would; what it stored stays. Nothing happens where it does not run.
func (s *Server) Kill() {
	s.t.Helper()
	if s.process == nil {
		return
	}
	if err := s.process.Process.Kill(); err != nil {
		s.t.Error(err)
	}
	_ = s.process.Wait() // it says that it was killed
	s.process = nil
}

// Run begins it, or begins it again at the same address with what it stored, and waits until it answers.
func (s *Server) Run() {
	s.t.Helper()
	s.process = exec.Command(s.program, append([]string{"--port", s.address, "--access", key, "--secret", secret}, s.storage()...)...)
	s.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	client := s.Client(key, secret)
	last := errors.New("it was not asked")
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var there bool
		if there, last = client.BucketExists(context.Background(), bucket); last == nil && !there {
			last = client.MakeBucket(context.Background(), bucket, minio.MakeBucketOptions{})
		}
		if last == nil {
			return
		}
	}
	s.t.Fatal(fmt.Errorf("the S3 server does not answer: %w", last))
}

// storage is how it keeps what it is given: what a version is, and whose keys may do what, takes folders beside that of the buckets.
func (s *Server) storage() []string {
	if !s.versions {
		return []string{"posix", "--nometa", s.dir}
	}
	in := func(name string) string {
		folder := filepath.Join(s.dir, name)
		s.must(os.MkdirAll(folder, 0o700))
		return folder
	}
	return []string{"--iam-dir", in("keys"), "posix", "--sidecar", in("attributes"), "--versioning-dir", in("versions"), in("buckets")}
}
