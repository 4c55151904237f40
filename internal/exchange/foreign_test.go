package exchange_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"

	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/db/dbtest"
)

// foreign is an export that no shipped mapping knows.
const foreign = "Nr§Titel§Beginn§Summe§Geber\n1§Über Moore§03.02.2024§12.500,50§Bach-Stiftung\n2§Schilf§31.02.2025§viel§Bach-Stiftung\n"

// foreignMapping is all that its funder writes; read is how its files are written.
func foreignMapping(t *testing.T, read string) *exchange.Mapping {
	t.Helper()
	m, err := exchange.ReadMapping("bach.yaml", []byte(`
kind: awards
source: bach
language: de
currency: EUR
read: `+read+`
key: Nr
fields:
  title: Titel
  start: {column: Beginn, date: 02.01.2006}
  amount: {column: Summe, decimal: ",", thousands: "."}
  funder: {fields: {name: Geber}}
`))
	must(t, err)
	return m
}

// TestForeign takes an export in by configuration alone, in the ways in which
// offices write files, and then the row that was rejected, mended.
func TestForeign(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, read, rejects string
		write                     func(*testing.T, string) []byte
	}{
		{"UTF-16 with a rare delimiter, packed", "bach.csv.gz", `{encoding: utf-16, delimiter: "§"}`, "bach.csv.gz.rejected.csv", packed},
		{"XLSX", "bach.xlsx", `{format: xlsx}`, "bach.xlsx.rejected.csv", workbook},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				k := newTaker(t, d)
				m := foreignMapping(t, c.read)
				file := filepath.Join(t.TempDir(), c.file)
				must(t, os.WriteFile(file, c.write(t, foreign), 0o600))
				r := k.take(m, file, exchange.Counts{Read: 2, New: 1, Rejected: 1})
				if p := r.First[0]; p.Line != 3 || p.Column != "Summe" || p.Value != "viel" {
					t.Errorf("the problem: %+v", p)
				}
				if got := k.text(`SELECT title || ' ' || start_day || ' ' || CAST(amount_minor AS TEXT) FROM award`); !strings.Contains(got, "Über Moore") || !strings.HasSuffix(got, "2024-02-03 1250050") {
					t.Errorf("the award: %s", got)
				}
				text, err := os.ReadFile(filepath.Join(k.rejects, c.rejects))
				must(t, err)
				mended := filepath.Join(t.TempDir(), c.rejects)
				must(t, os.WriteFile(mended, []byte(strings.NewReplacer(",viel,", `,"100,00",`, "31.02.2025", "28.02.2025").Replace(string(text))), 0o600))
				k.take(m, mended, exchange.Counts{Read: 1, New: 1})
			})
		})
	}
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	must(t, err)
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err = z.Write(wide)
	must(t, err)
	must(t, z.Close())
	return b.Bytes()
}

func workbook(t *testing.T, text string) []byte {
	t.Helper()
	w := excelize.NewFile()
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		must(t, err)
		cells := strings.Split(line, "§")
		must(t, w.SetSheetRow("Sheet1", cell, &cells))
	}
	b, err := w.WriteToBuffer()
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}
