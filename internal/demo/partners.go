package demo

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/headwater-platform/headwater/internal/exchange"
	"github.com/headwater-platform/headwater/internal/platform/access"
)

//go:embed foundations.yaml
var foundations []byte

// partners takes in what the country's private foundations gave. Their export is
// as exports are: a day that does not exist, and an award that two of them list.
func (c *country) partners() (err error) {
	c.fixed.Set(c.now.Add(-2 * 24 * time.Hour))
	m, err := exchange.ReadMapping("foundations.yaml", foundations)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "headwater-partners-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "foundations.csv")
	if err := c.export(file); err != nil {
		return err
	}
	r, err := c.Exchange.Run(c.ctx, access.System, m, []string{file}, exchange.Options{})
	if err == nil && (r.Counts.Rejected != 1 || r.Alikes != 1) {
		err = fmt.Errorf("demo: of the foundations' awards %d were rejected and %d seem to be twice, not one and one", r.Counts.Rejected, r.Alikes)
	}
	return err
}

// export writes the file as the foundations' register would.
func (c *country) export(file string) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	funders := []string{"Sundholm Foundation", "Hearth and Harbour Trust", "Orchard Fund"}
	rows := [][]string{{"number", "title", "funder", "holder", "start", "end", "amount"}}
	d := dice{77}
	for i := range 24 {
		s := write(&d, pick(&d, words().topics))
		start := c.now.AddDate(0, -d.between(2, 30), 0)
		rows = append(rows, []string{fmt.Sprintf("F-%03d", i+1), fmt.Sprintf("%s (%d)", s.title, i+1), funders[i%3], "University of " + pick(&d, words().Places), start.Format(time.DateOnly),
			start.AddDate(d.between(1, 3), 0, 0).Format(time.DateOnly), fmt.Sprintf("%d,000", d.between(20, 400))})
	}
	rows[9][4] = fmt.Sprintf("%d-02-30", c.now.Year())
	twice := append([]string(nil), rows[4]...)
	twice[0], twice[2] = "H-017", funders[1]
	if rows[4][2] == funders[1] {
		twice[2] = funders[2]
	}
	out := csv.NewWriter(f)
	return errors.Join(out.WriteAll(append(rows, twice)), out.Error())
}
