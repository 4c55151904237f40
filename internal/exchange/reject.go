package exchange

import (
	"encoding/json"
	"errors"
	"os"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
)

// reasonColumn is what a reject file adds to a row. A run that reads the mended
// file again passes it over like any column that the mapping does not name.
const reasonColumn = "rejected_because"

// rejects writes the rows of one file that could not be taken in, with the
// reason, in the form of the file: tables as CSV with its columns, JSON as one
// object a line. An officer opens a table in a spreadsheet: no cell of it is a
// formula. The file is made with its first row.
type rejects struct {
	path string
	head []string
	file *os.File
	csv  *spreadsheet.Writer
}

const rejectedTable = ".rejected.csv"

// rejectPath is where the rejected rows of a file go.
func rejectPath(base string, head []string) string {
	if head != nil {
		return base + rejectedTable
	}
	return base + ".rejected.jsonl"
}

func (r *rejects) add(row Row, reason string) (err error) {
	if r.file == nil {
		if r.file, err = os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err != nil {
			return err
		}
		if r.head != nil {
			r.csv = spreadsheet.NewWriter(r.file)
			if err := r.csv.Write(append(slices.Clone(r.head), reasonColumn)); err != nil {
				return err
			}
		}
	}
	if r.csv != nil {
		cells := slices.Grow(slices.Clone(row.cells), len(r.head)+1)
		for len(cells) < len(r.head) {
			cells = append(cells, "")
		}
		return r.csv.Write(append(cells[:len(r.head)], reason))
	}
	return r.line(row, reason)
}

func (r *rejects) line(row Row, reason string) error {
	out := map[string]any{reasonColumn: reason}
	for name, v := range row.Values {
		if name != reasonColumn {
			out[name] = v
		}
	}
	if row.Values == nil { // what is no object is kept as it stands
		out["row"] = string(row.raw)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	_, err = r.file.Write(append(b, '\n'))
	return err
}

// Close writes what is left; without a rejected row there is no file.
func (r *rejects) Close() error {
	if r.file == nil {
		return nil
	}
	var err error
	if r.csv != nil {
		err = r.csv.Flush()
	}
	return errors.Join(err, r.file.Close())
}
