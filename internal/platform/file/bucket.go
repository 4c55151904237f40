package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
)

// Bucket is a bucket of an S3 server, with the beginning of the names of its objects.
type Bucket struct {
	client       *minio.Client
	name, prefix string
}

// tries is how often a request to the S3 server is made before people are told that it is away.
const tries = 2

// New is a store at an address: a folder, or "s3+https://host:port/bucket/prefix?region=…". The keys of an S3 server are
// taken from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) or from the file that
// AWS_SHARED_CREDENTIALS_FILE names. Nothing is asked of the server yet.
// Errors: for an address that names no bucket, or holds a key.
func New(d *db.DB, at string) (*Store, error) {
	rest, bucket := strings.CutPrefix(at, "s3+")
	if !bucket {
		return &Store{DB: d, Dir: at}, nil
	}
	u, err := url.Parse(rest)
	if err != nil || u.User != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("files: s3+https://host:port/bucket is expected, without a key in it: keys stand in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") // what was given may hold a key: it is not repeated
	}
	name, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if name == "" {
		return nil, fmt.Errorf("files: %s names no bucket: s3+https://host:port/bucket is expected", at)
	}
	region := u.Query().Get("region")
	if region == "" {
		region = "us-east-1" // what servers of one's own expect
	}
	keys := credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}})
	secure := u.Scheme == "https"
	line, err := transport(secure)
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: keys, Secure: secure, Region: region, MaxRetries: tries, Transport: line})
	if err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	return &Store{DB: d, Bucket: &Bucket{client, name, prefix}}, nil
}

// away is an error of the server as people are told it: what they asked for can be asked again.
func away(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Unavailable, "fault.unavailable").Because(fmt.Errorf("S3: %w", err))
}

func (b *Bucket) object(hash string) string { return path.Join(b.prefix, hash[:2], hash) }

// put uploads a file as one object: it is there whole or not at all.
func (b *Bucket) put(ctx context.Context, f *os.File, hash string, size int64) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := b.client.PutObject(ctx, b.name, b.object(hash), f, size, minio.PutObjectOptions{ContentType: "application/octet-stream", DisableMultipart: true})
	return away(err)
}

// open opens an object. Errors: Unavailable; fs.ErrNotExist.
func (b *Bucket) open(ctx context.Context, hash string) (io.ReadSeekCloser, error) {
	o, err := b.client.GetObject(ctx, b.name, b.object(hash), minio.GetObjectOptions{})
	if err != nil {
		return nil, away(err)
	}
	if _, err := o.Stat(); err != nil { // nothing was asked of the server before
		_ = o.Close()
		if gone(err) {
			return nil, fmt.Errorf("file %s in the bucket %s: %w", hash, b.name, fs.ErrNotExist)
		}
		return nil, away(err)
	}
	return o, nil
}

// gone reports whether the server says that there is no such object.
func gone(err error) bool { return answered(err, minio.NoSuchKey) }

func (b *Bucket) has(ctx context.Context, hash string) (bool, error) {
	_, err := b.client.StatObject(ctx, b.name, b.object(hash), minio.StatObjectOptions{})
	if gone(err) {
		return false, nil
	}
	return err == nil, away(err)
}

// clockName is the object by which the server's time is told.
func (b *Bucket) clockName() string { return path.Join(b.prefix, "clock") }

// time is the time by the server's own clock: objects are as old as it says.
func (b *Bucket) time(ctx context.Context) (time.Time, error) {
	name := b.clockName()
	if _, err := b.client.PutObject(ctx, b.name, name, strings.NewReader(""), 0, minio.PutObjectOptions{}); err != nil {
		return time.Time{}, away(err)
	}
	o, err := b.client.StatObject(ctx, b.name, name, minio.StatObjectOptions{})
	return o.LastModified, away(err)
}

// VersionRights are what the keys of a bucket that keeps versions need beside what those of another do.
const VersionRights = "s3:GetBucketVersioning, s3:ListBucketVersions and s3:DeleteObjectVersion"

// Versions reports whether the bucket keeps older versions, or kept them once: what is removed there is read as an older
// version until each of these is removed. Nothing of the bucket is changed. Errors: what Refused knows, where the keys may
// not ask, or may not list or remove versions; others where the server is away.
func (b *Bucket) Versions(ctx context.Context) (kept bool, err error) {
	v, err := b.client.GetBucketVersioning(ctx, b.name)
	switch {
	case answered(err, minio.NotImplemented, minio.MethodNotAllowed): // a server that knows no versions
		return false, nil
	case err != nil || v.Status == "":
		return false, err
	}
	asked, enough := context.WithCancel(ctx)
	defer enough()
	if first := <-b.client.ListObjects(asked, b.name, minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true, WithVersions: true, MaxKeys: 1}); first.Err != nil {
		return true, first.Err
	}
	nothing := path.Join(b.prefix, "headwater-nothing") // no object has this name: only whether one may is learnt
	err = b.client.RemoveObject(ctx, b.name, nothing, minio.RemoveObjectOptions{VersionID: "null"})
	if answered(err, minio.NoSuchKey, minio.NoSuchVersion) {
		return true, nil
	}
	return true, err
}

// Refused reports whether an error is that the server knows the keys and they may not do this.
func Refused(err error) bool { return answered(err, minio.AccessDenied) }

// answered reports whether an error is an answer of the server with one of some codes.
func answered(err error, codes ...string) bool {
	var said minio.ErrorResponse
	return errors.As(err, &said) && slices.Contains(codes, said.Code)
}

// sweepBucket is Sweep for a bucket. Of one that keeps versions it removes them all, also of what was removed
// before without them. Where the keys may not, it removes as in any other bucket, and says in the log what is left.
func (s *Store) sweepBucket(ctx context.Context) (removed int, err error) {
	now, err := s.Bucket.time(ctx)
	if err != nil {
		return 0, err
	}
	versions, err := s.Bucket.Versions(ctx)
	if Refused(err) {
		slog.WarnContext(ctx, "what is erased may stay in the bucket as an older version: the keys may not see to that", "bucket", s.Bucket.name, "needed", VersionRights, "error", err)
		versions, err = false, nil
	}
	if err != nil {
		return 0, away(err)
	}
	for o := range s.Bucket.client.ListObjects(ctx, s.Bucket.name, minio.ListObjectsOptions{Prefix: s.Bucket.prefix, Recursive: true, WithVersions: versions}) {
		if o.Err != nil {
			return removed, away(o.Err)
		}
		hash := path.Base(o.Key)
		if len(hash) != 64 || !s.rested(now, o.LastModified) || versions && !o.IsLatest { // older ones go with the latest
			continue
		}
		ok, err := s.removeObject(ctx, hash, versions)
		if versions && Refused(err) { // held by a lock of the server's; the next sweep tries again
			slog.WarnContext(ctx, "a file without a use stays in the bucket", "bucket", s.Bucket.name, "object", o.Key, "error", err)
			continue
		}
		if err != nil {
			return removed, err
		}
		if ok {
			removed++
		}
	}
	if versions {
		err = s.Bucket.removeVersions(ctx, s.Bucket.clockName()) // each sweep makes one
	}
	return removed, err
}

// remove removes an object that nobody names, with every version of it where the bucket keeps them.
func (b *Bucket) remove(ctx context.Context, name string, versions bool) error {
	if versions {
		return b.removeVersions(ctx, name)
	}
	return away(b.client.RemoveObject(ctx, b.name, name, minio.RemoveObjectOptions{}))
}

func (b *Bucket) removeVersions(ctx context.Context, name string) error {
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: name, Recursive: true, WithVersions: true}) {
		err := o.Err
		if err == nil && o.Key == name { // not what begins with it
			err = b.client.RemoveObject(ctx, b.name, name, minio.RemoveObjectOptions{VersionID: o.VersionID})
		}
		if err != nil {
			return away(err)
		}
	}
	return nil
}

// removeObject removes content that no row names. Meanwhile a row of it without a use stands in the way of
// whoever wants to keep the same content: they wait for the commit, and look again then (Keep).
func (s *Store) removeObject(ctx context.Context, hash string, versions bool) (removed bool, err error) {
	err = work.Do(ctx, s.DB, func(ctx context.Context) error {
		q := s.DB.Q(ctx)
		res, err := q.ExecContext(ctx, `INSERT INTO file_blob (hash, size, refs, created_at) VALUES ($1, 0, 0, $2) ON CONFLICT (hash) DO NOTHING`, hash, db.At(clock.Now(ctx)))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := s.Bucket.remove(ctx, s.Bucket.object(hash), versions); err != nil {
			return err
		}
		removed = true
		_, err = q.ExecContext(ctx, `DELETE FROM file_blob WHERE hash = $1 AND refs = 0`, hash)
		return err
	})
	return removed, err
}
