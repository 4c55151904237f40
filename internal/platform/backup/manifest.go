package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/db"
)

// format is the one that this version writes and reads.
const format = 1

// Manifest says what a backup holds.
type Manifest struct {
	Format   int              `json:"format"`
	Made     time.Time        `json:"made"`
	Database db.Dialect       `json:"database"`
	Rows     map[string]int64 `json:"rows"` // of each table, in the state that was copied
	Parts    []Part           `json:"parts"`
	Gone     []string         `json:"gone"` // content that the database names, and that was gone or changed when it was to be copied
}

// Part is one file of a backup's folder.
type Part struct {
	Name   string `json:"name"` // its path in the folder, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Damaged names what is wrong with a backup, or with what was made of it.
type Damaged []string

func (d Damaged) Error() string { return strings.Join(d, "\n") }

// measure reads a part.
func measure(folder, name string) (p Part, err error) {
	f, err := os.Open(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		return p, err
	}
	sum := sha256.New()
	p = Part{Name: name}
	p.Size, err = io.Copy(sum, f)
	p.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return p, errors.Join(err, f.Close())
}

// write puts the manifest and its sum, in the way of sha256sum, into the folder, lastingly.
func (m Manifest) write(folder string) error {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(folder, manifestFile), text); err != nil {
		return err
	}
	return writeNew(filepath.Join(folder, sumFile), sumOf(text))
}

func sumOf(manifest []byte) []byte {
	return fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(manifest), manifestFile)
}

// Check reads every part of a backup. Errors: Damaged, with a line for each part that is not there or not as it was
// written; of the disk. Cost: the folder is read once.
func Check(ctx context.Context, folder string) (m Manifest, err error) {
	if m, err = readManifest(folder); err != nil {
		return m, err
	}
	var found Damaged
	for _, p := range m.Parts {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		switch now, err := measure(folder, p.Name); {
		case errors.Is(err, fs.ErrNotExist):
			found = append(found, p.Name+": it is missing")
		case err != nil:
			return m, err
		case now.Size != p.Size:
			found = append(found, fmt.Sprintf("%s: %d bytes, %d were written", p.Name, now.Size, p.Size))
		case now != p:
			found = append(found, p.Name+": its content is not what was written")
		}
	}
	if len(found) > 0 {
		return m, found
	}
	return m, nil
}

func readManifest(folder string) (m Manifest, err error) {
	text, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, Damaged{manifestFile + ": it is missing: the backup was not finished, or this folder is none"}
	}
	if err != nil {
		return m, err
	}
	sum, err := os.ReadFile(filepath.Join(folder, sumFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, Damaged{sumFile + ": it is missing: the backup was not finished"}
	}
	if err != nil {
		return m, err
	}
	if string(sum) != string(sumOf(text)) {
		return m, Damaged{fmt.Sprintf("%s: it does not fit %s: one of the two was changed", manifestFile, sumFile)}
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Format != format {
		return m, Damaged{fmt.Sprintf("%s: format %d is expected: it is of another version", manifestFile, format)}
	}
	return m, nil
}

// contents are the hashes of the files among the parts.
func (m Manifest) contents() (hashes []string) {
	for _, p := range m.Parts {
		if strings.HasPrefix(p.Name, filesFolder+"/") {
			hashes = append(hashes, p.SHA256)
		}
	}
	return hashes
}
