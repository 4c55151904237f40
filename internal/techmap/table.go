package techmap

import (
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
)

// Files are the tables of which a map can be read and into which it is written.
var Files = []string{"nodes.csv", "providers.csv", "links.csv", "shares.csv", "tracks.csv"}

// named are files by the names under which they are read: a download has the number of its map before it.
func named(files map[string]io.Reader) (map[string]io.Reader, error) {
	out := map[string]io.Reader{}
	for _, full := range slices.Sorted(maps.Keys(files)) {
		name := full
		for _, known := range append(slices.Clone(Files), DocumentFile) {
			if strings.HasSuffix(full, "-"+known) {
				name = known
			}
		}
		if out[name] != nil {
			return nil, fault.New(fault.Invalid, "techmap.import.again", full, name)
		}
		out[name] = files[full]
	}
	return out, nil
}

// columns are what each file holds; names, summaries and aliases have one column a language.
var columns = map[string][]string{
	"nodes.csv":     {"key", "kind", "name", "summary", "aliases", "supplied", "threshold", "readiness", "sealed"},
	"providers.csv": {"key", "name", "country", "owner", "site"},
	"links.csv":     {"gate", "node", "join", "k", "threshold", "input", "share", "source"},
	"shares.csv":    {"node", "provider", "low", "high", "year", "source", "confidence"},
	"tracks.csv":    {"node", "indicator", "country", "year", "low", "high", "source", "confidence"},
}

// byLanguage are the columns that end with a language: name_en.
var byLanguage = []string{"name", "summary", "aliases"}

// Table is a file of the map as rows, heads first. Shares are from 0 to 1, what is not known
// is empty, and a link is a row for each input of a gate.
func (g *Graph) Table(file string) [][]string {
	var records []map[string]string
	switch file {
	case "nodes.csv":
		for _, n := range g.Nodes {
			r := map[string]string{"key": n.ID, "kind": n.Kind, "supplied": yes(n.Supplied), "threshold": decimal(n.Floor), "readiness": count(n.Ready), "sealed": yes(n.Sealed)}
			spell(r, "name", n.Title)
			spell(r, "summary", n.Summary)
			for tag, names := range n.Aliases {
				r["aliases_"+tag] = strings.Join(names, "; ")
			}
			records = append(records, r)
		}
	case "providers.csv":
		for _, p := range g.Providers {
			r := map[string]string{"key": p.ID, "country": p.Country, "owner": p.Owner, "site": p.Site}
			spell(r, "name", p.Name)
			records = append(records, r)
		}
	case "links.csv":
		for _, x := range g.Gates {
			for _, in := range x.Inputs {
				records = append(records, map[string]string{"gate": x.ID, "node": x.NodeID, "join": x.Kind, "k": count(x.K), "threshold": decimal(x.Floor), "input": in.NodeID, "share": decimal(in.Share), "source": x.Source})
			}
		}
	case "shares.csv":
		for _, s := range g.Shares {
			records = append(records, map[string]string{"node": s.NodeID, "provider": s.ProviderID, "low": bound(s.Low), "high": bound(s.High), "year": count(s.Year), "source": s.Source, "confidence": s.Confidence})
		}
	case "tracks.csv":
		records = g.trackRecords()
	}
	return rows(file, records)
}

// trackRecords are a row for each year of each track.
func (g *Graph) trackRecords() (records []map[string]string) {
	for _, k := range g.Tracks {
		for _, p := range k.Points {
			records = append(records, map[string]string{"node": k.NodeID, "indicator": k.Indicator, "country": k.Country, "year": count(p.Year), "low": bound(&p.Low), "high": bound(&p.High), "source": k.Source, "confidence": k.Confidence})
		}
	}
	return records
}

func rows(file string, records []map[string]string) [][]string {
	var heads []string
	for _, c := range columns[file] {
		if !slices.Contains(byLanguage, c) {
			heads = append(heads, c)
			continue
		}
		var tags []string
		for _, r := range records {
			for head := range r {
				if strings.HasPrefix(head, c+"_") && !slices.Contains(tags, head) {
					tags = append(tags, head)
				}
			}
		}
		slices.Sort(tags)
		heads = append(heads, tags...)
	}
	out := [][]string{heads}
	for _, r := range records {
		var line []string
		for _, h := range heads {
			line = append(line, r[h])
		}
		out = append(out, line)
	}
	return out
}

func spell(r map[string]string, column string, t lang.Text) {
	for tag, s := range t.By {
		r[column+"_"+tag] = s
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func decimal(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func bound(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// line is a row of a file that is read, or an item of a document, with what is wrong with it.
type line struct {
	file   string
	number int
	item   Ref // of a document; else zero
	cells  map[string]string
	err    error
}

// refused is why the map cannot take what the line asks for.
func (l *line) refused(err error) error {
	first := fault.From(err).Each()[0]
	if l.item != (Ref{}) {
		return fault.New(fault.Invalid, "techmap.import.item", l.file, l.item.Kind, l.item.ID, first.Field, first.Msg)
	}
	return fault.New(fault.Invalid, "techmap.import.at", l.file, l.number, first.Field, first.Msg)
}

// refuse notes the first thing that is wrong with the line.
func (l *line) refuse(column, key string, args ...any) {
	if l.err == nil {
		l.err = fault.New(fault.Invalid, "techmap.import.at", l.file, l.number, column, lang.M(key, args...))
	}
}

func (l *line) text(column string) string { return strings.TrimSpace(l.cells[column]) }

// texts is a text in the languages of its columns. English counts as the original where
// there is any, else the first in the order of the tags.
func (l *line) texts(column string) lang.Text {
	var tags []string
	for head, s := range l.cells {
		if tag, ok := strings.CutPrefix(head, column+"_"); ok && strings.TrimSpace(s) != "" {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	t := lang.Text{}
	for _, tag := range tags {
		t = t.With(tag, l.text(column+"_"+tag))
	}
	switch {
	case t.By["en"] != "":
		t.Original = "en"
	case len(tags) > 0:
		t.Original = tags[0]
	}
	return t
}

func (l *line) float(column string) *float64 {
	s := l.text(column)
	if s == "" {
		return nil
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		l.refuse(column, "techmap.import.number", s)
		return nil
	}
	return &v
}

func (l *line) ratio(column string) float64 {
	if v := l.float(column); v != nil {
		return *v
	}
	return 0
}

func (l *line) int(column string) int {
	s := l.text(column)
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		l.refuse(column, "techmap.import.whole", s)
	}
	return n
}

func (l *line) yes(column string) bool {
	switch s := strings.ToLower(l.text(column)); s {
	case "yes", "true", "1":
		return true
	case "", "no", "false", "0":
	default:
		l.refuse(column, "techmap.import.yes", s)
	}
	return false
}

// mostRows is how many rows of a file are read.
const mostRows = 50_000

// read reads a file of Files. Heads may stand in any order; a column that is not known is refused.
func read(file string, in io.Reader) ([]*line, error) {
	known := columns[file]
	heads, list, err := readTable(file, in)
	if err != nil {
		return nil, err
	}
	for _, h := range heads {
		base, _, _ := strings.Cut(h, "_")
		if !slices.Contains(known, h) && !(slices.Contains(known, base) && slices.Contains(byLanguage, base)) {
			return nil, fault.New(fault.Invalid, "techmap.import.head", file, h, strings.Join(known, ", "))
		}
	}
	return list, nil
}

// readTable reads a table of commas, heads first.
func readTable(file string, in io.Reader) (heads []string, list []*line, err error) {
	r := csv.NewReader(in)
	heads, err = r.Read()
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "techmap.import.csv", file, 1).Because(err)
	}
	heads[0] = strings.TrimPrefix(heads[0], "\ufeff")
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return heads, list, nil
		}
		if err != nil || len(list) == mostRows {
			return nil, nil, fault.New(fault.Invalid, "techmap.import.csv", file, lineOf(err, len(list)+2)).Because(err)
		}
		number, _ := r.FieldPos(0)
		l := &line{file: file, number: number, cells: map[string]string{}}
		for i, h := range heads {
			l.cells[h] = spreadsheet.Plain(cells[i])
		}
		list = append(list, l)
	}
}

// lineOf is the line that a reader of CSV refused; otherwise where it names none.
func lineOf(err error, otherwise int) int {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return p.Line
	}
	return otherwise
}

// changes are what the files change of a graph: what they name is added or written anew,
// what they leave out stays.
func (g *Graph) changes(files map[string]io.Reader) (list []Change, from []*line, err error) {
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(Files, file) {
			return nil, nil, fault.New(fault.Invalid, "techmap.import.file", file, strings.Join(Files, ", "), DocumentFile)
		}
	}
	for _, file := range Files {
		in := files[file]
		if in == nil {
			continue
		}
		lines, err := read(file, in)
		if err != nil {
			return nil, nil, err
		}
		open := opened{map[string]*Gate{}, map[string]*Track{}}
		for _, l := range lines {
			c, more := l.change(open)
			if l.err != nil {
				return nil, nil, l.err
			}
			if more {
				continue
			}
			if r, err := c.ref(); err == nil {
				c.Version, _ = g.Version(r)
			}
			list, from = append(list, c), append(from, l)
		}
	}
	return list, from, nil
}

// opened are the items that earlier lines began.
type opened struct {
	gates  map[string]*Gate
	tracks map[string]*Track
}

// change is what a line changes; more is true for a further input of a gate, or a further year of a track, that an earlier line began.
func (l *line) change(open opened) (c Change, more bool) {
	switch l.file {
	case "nodes.csv":
		n := &Node{ID: l.text("key"), Kind: l.text("kind"), Title: l.texts("name"), Summary: l.texts("summary"), Supplied: l.yes("supplied"), Floor: l.ratio("threshold"), Ready: l.int("readiness"), Sealed: l.yes("sealed")}
		for tag, names := range l.texts("aliases").By {
			if n.Aliases == nil {
				n.Aliases = map[string][]string{}
			}
			for _, name := range strings.Split(names, ";") {
				n.Aliases[tag] = append(n.Aliases[tag], strings.TrimSpace(name))
			}
		}
		c.Node = n
	case "providers.csv":
		c.Provider = &Provider{ID: l.text("key"), Name: l.texts("name"), Country: l.text("country"), Owner: l.text("owner"), Site: l.text("site")}
	case "links.csv":
		in := Input{NodeID: l.text("input"), Share: l.ratio("share")}
		id := l.text("gate")
		if x := open.gates[id]; x != nil {
			if x.NodeID != l.text("node") || x.Kind != l.text("join") {
				l.refuse("gate", "techmap.import.gate", id)
			}
			x.Inputs = append(x.Inputs, in)
			return c, true
		}
		open.gates[id] = &Gate{ID: id, NodeID: l.text("node"), Kind: l.text("join"), K: l.int("k"), Floor: l.ratio("threshold"), Source: l.text("source"), Inputs: []Input{in}}
		c.Gate = open.gates[id]
	case "shares.csv":
		c.Share = &Share{NodeID: l.text("node"), ProviderID: l.text("provider"), Low: l.float("low"), High: l.float("high"), Year: l.int("year"), Source: l.text("source"), Confidence: l.text("confidence")}
	case "tracks.csv":
		p := Point{Year: l.int("year"), Low: l.ratio("low"), High: l.ratio("high")}
		k := &Track{NodeID: l.text("node"), Indicator: l.text("indicator"), Country: l.text("country"), Source: l.text("source"), Confidence: l.text("confidence"), Points: []Point{p}}
		if first := open.tracks[k.ref().ID]; first != nil {
			first.Points = append(first.Points, p)
			return c, true
		}
		open.tracks[k.ref().ID] = k
		c.Track = k
	}
	return c, false
}
