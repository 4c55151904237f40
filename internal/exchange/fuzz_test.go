package exchange

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/headwater-platform/headwater/mappings"
)

// FuzzMapping reads mappings: one is refused with words, or makes records of a row without failing.
func FuzzMapping(f *testing.F) {
	names, err := filepath.Glob("../../mappings/*.yaml")
	if err != nil || len(names) == 0 {
		f.Fatalf("no mappings to begin with: %v", err)
	}
	for _, name := range names {
		src, err := mappings.Files.ReadFile(filepath.Base(name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Add([]byte("kind: awards\nkey: id\nfields: {title: {cel: 'row.a.b.c[0]'}}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := ReadMapping("x.yaml", src)
		if err != nil {
			if err.Error() == "" {
				t.Error("refused without a word")
			}
			return
		}
		row := map[string]any{"id": "1", "title": "A", "amount": "1,000.50", "start": "2027-03-16", "list": []any{"a", 1.5, nil}}
		_, _ = m.left(row)
		_, _ = m.item(row)
	})
}

// FuzzRule evaluates expressions of mappings, which are bounded in what they cost.
func FuzzRule(f *testing.F) {
	for _, src := range []string{`row.a + "x"`, `row.list.map(x, x * 2)`, `it.a.split(",")[0]`, `row.list.exists(x, x == 1.5)`, `"a".matches("(a+)+$")`, `math.greatest(1, 2)`} {
		f.Add(src, "aaaaaaaaaaaaaaaaaaaaaaaa!")
	}
	env, err := environment()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, src, cell string) {
		p, err := program(env, src)
		if err != nil {
			return
		}
		row := map[string]any{"a": cell, "list": []any{cell, 1.5, nil}}
		_, _ = (scope{row: row, it: row}).eval(p, src)
	})
}

// FuzzRows reads tables in every format: each row or error says where it stands, and reading ends.
func FuzzRows(f *testing.F) {
	f.Add(uint8(0), []byte("id,title\n1,\"A \"\"b\"\"\"\n2,x,y\n"))
	f.Add(uint8(1), []byte("id\ttitle\n1\tA\n"))
	f.Add(uint8(2), []byte(`{"grants": [{"id": 1}]}`))
	f.Add(uint8(3), []byte("{\"id\": 1}\n{\"id\": [2, null]}\n"))
	f.Add(uint8(4), workbook(f))
	f.Add(uint8(0), []byte("\xff\xfei\x00d\x00\n\x00"))
	f.Fuzz(func(t *testing.T, format uint8, content []byte) {
		path := filepath.Join(t.TempDir(), "x."+formats[int(format)%len(formats)])
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := open(path, Reading{At: "grants"}, func(int) {})
		if err != nil {
			return
		}
		n := 0
		for row, err := range table.Rows {
			if err == nil && (row.File == "" || row.Line < 1) {
				t.Errorf("row %d does not say where it stands: %+v", n, row)
			}
			if n++; n > len(content)+1000 && formats[int(format)%len(formats)] != "xlsx" {
				t.Fatalf("%d rows in %d bytes", n, len(content))
			}
			if err != nil {
				break
			}
		}
		if err := table.Close(); err != nil {
			t.Error(err)
		}
	})
}

func workbook(f *testing.F) []byte {
	f.Helper()
	book := excelize.NewFile()
	var b bytes.Buffer
	if err := book.SetSheetRow("Sheet1", "A1", &[]any{"id", "title"}); err != nil {
		f.Fatal(err)
	}
	if err := book.SetSheetRow("Sheet1", "A2", &[]any{1, "A"}); err != nil {
		f.Fatal(err)
	}
	if err := book.Write(&b); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}
