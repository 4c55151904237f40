package techmap

import (
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// read reads the files that a layout names: each must be there, and no other.
func (c chosen) read(files map[string]io.Reader) (map[string][]*line, error) {
	names := c.Files()
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(names, file) {
			return nil, fault.New(fault.Invalid, "techmap.layout.foreign", file, strings.Join(names, ", "))
		}
	}
	tables := map[string][]*line{}
	for _, file := range names {
		if files[file] == nil {
			return nil, fault.New(fault.Invalid, "techmap.import.absent", file, strings.Join(names, ", "))
		}
		_, lines, err := readTable(file, files[file])
		if err != nil {
			return nil, err
		}
		tables[file] = lines
	}
	return tables, nil
}

// joinRows is a join with the first row of its file that holds each value.
type joinRows struct {
	layoutJoin
	name string
	rows map[string]*line
}

// joinsOf looks up the rows of joins once for all rows of a table.
func joinsOf(joins map[string]layoutJoin, tables map[string][]*line) (list []joinRows) {
	for _, name := range slices.Sorted(maps.Keys(joins)) {
		j := joinRows{joins[name], name, map[string]*line{}}
		for _, l := range slices.Backward(tables[j.File]) {
			j.rows[l.text(j.On)] = l
		}
		list = append(list, j)
	}
	return list
}

// join adds the columns of other files' rows that hold the same value.
func (l *line) join(joins []joinRows) error {
	for _, j := range joins {
		other := j.rows[l.text(j.On)]
		if other == nil {
			l.refuse(j.On, "techmap.import.join", l.text(j.On), j.File)
			return l.err
		}
		for column, s := range other.cells {
			l.cells[j.name+"."+column] = s
		}
	}
	return nil
}

// made is what the rows of a layout have made so far. Rows may name the same item again if
// they say the same of it; those of a gate add its inputs.
type made struct {
	chosen
	list  []madeItem
	keys  map[Ref]string // the names that keys were made of
	at    map[Ref]madeItem
	gates map[string]*Gate
}

type madeItem struct {
	Change
	from *line
}

// rank puts nodes and providers before what refers to them.
func (x madeItem) rank() int {
	switch {
	case x.Node != nil:
		return 0
	case x.Provider != nil:
		return 1
	case x.Gate != nil:
		return 2
	}
	return 3
}

func (m *made) row(l *line, r layoutRule) {
	switch {
	case r.Node != nil:
		m.node(l, r)
	case r.Provider != nil:
		m.provider(l, r)
	case r.Gate != nil:
		m.gate(l, r)
	case r.Share != nil:
		m.share(l, r)
	}
}

func (m *made) node(l *line, r layoutRule) {
	n := Node{ID: m.key(l, KindNode, r.Node.Key), Kind: m.text(l, r.Node.Kind), Title: m.texts(l, r.Node.Name), Summary: m.texts(l, r.Node.Summary)}
	n.Supplied = m.text(l, r.Node.Supplied) == "yes"
	m.add(l, n.ref(), Change{Node: &n})
}

func (m *made) provider(l *line, r layoutRule) {
	p := Provider{ID: m.key(l, KindProvider, r.Provider.Key), Name: m.texts(l, r.Provider.Name), Country: m.text(l, r.Provider.Country),
		Owner: m.text(l, r.Provider.Owner), Site: m.text(l, r.Provider.Site)}
	m.add(l, p.ref(), Change{Provider: &p})
}

func (m *made) gate(l *line, r layoutRule) {
	x := Gate{ID: m.key(l, KindGate, r.Gate.Key), NodeID: slug(m.text(l, r.Gate.Node)), Kind: m.text(l, r.Gate.Join), Source: m.text(l, r.Gate.Source)}
	in := Input{NodeID: slug(m.text(l, r.Gate.Input))}
	if x.Source == "" {
		x.Source = m.Source
	}
	old := m.gates[x.ID]
	switch {
	case old == nil:
		x.Inputs = []Input{in}
		m.gates[x.ID] = &x
		m.list = append(m.list, madeItem{Change{Gate: &x}, l})
	case old.NodeID != x.NodeID || old.Kind != x.Kind:
		l.refuse("gate", "techmap.import.gate", x.ID)
	case !slices.Contains(old.Inputs, in):
		old.Inputs = append(old.Inputs, in)
	}
}

func (m *made) share(l *line, r layoutRule) {
	s := Share{NodeID: slug(m.text(l, r.Share.Node)), ProviderID: slug(m.text(l, r.Share.Provider)), Year: m.Year, Source: m.text(l, r.Share.Source), Confidence: m.Confidence}
	if s.Source == "" {
		s.Source = m.Source
	}
	if year := m.text(l, r.Share.Year); year != "" {
		n, err := strconv.Atoi(year)
		if err != nil {
			l.refuse("year", "techmap.import.whole", year)
		}
		s.Year = n
	}
	var ok bool
	if s.Low, s.High, ok = bounds(m.text(l, r.Share.Share)); !ok {
		l.refuse("share", "techmap.import.percent", m.text(l, r.Share.Share))
	}
	m.add(l, s.ref(), Change{Share: &s})
}

// add keeps an item, once.
func (m *made) add(l *line, r Ref, c Change) {
	before, again := m.at[r]
	switch {
	case !again:
		m.at[r] = madeItem{c, l}
		m.list = append(m.list, m.at[r])
	case !reflect.DeepEqual(before.Change, c):
		l.refuse(r.Kind, "techmap.import.twice", r.ID, before.from.number)
	}
}

// key is the key of an item, made of a text; no two texts may have the same.
func (m *made) key(l *line, kind string, p pattern) string {
	name := m.text(l, p)
	r := Ref{kind, slug(name)}
	if other, taken := m.keys[r]; taken && other != name {
		l.refuse(kind, "techmap.import.alike", name, other, r.ID)
	}
	m.keys[r] = name
	return r.ID
}

func (m *made) texts(l *line, by map[string]pattern) lang.Text {
	t := lang.Text{}
	for _, tag := range slices.Sorted(maps.Keys(by)) {
		s := m.text(l, by[tag])
		if s == "" {
			continue
		}
		t = t.With(tag, s)
		if t.Original == "" {
			t.Original = tag
		}
	}
	return t
}

// slug makes a key of a text: letters without accents, digits, and hyphens for all between.
func slug(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case strings.ContainsRune(keySigns, r):
			b.WriteRune(r)
		case !unicode.Is(unicode.Mn, r):
			b.WriteByte('-')
		}
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' })
	id := strings.Join(words, "-")
	return strings.TrimRight(id[:min(len(id), mostKey)], "-")
}

// bounds reads a share in per cent, the sign may be left out: 4.5 %, <0.1 %, >90 %, 20-30 %.
// Nothing is a share of which nothing is known.
func bounds(s string) (low, high *float64, ok bool) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "%", ""))
	if s == "" {
		return nil, nil, true
	}
	below, under := strings.CutPrefix(s, "<")
	above, over := strings.CutPrefix(s, ">")
	from, to, span := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	switch {
	case under:
		high, ok = fraction(below)
		return new(float64), high, ok
	case over:
		low, ok = fraction(above)
		return low, nil, ok
	case span:
		var too bool
		low, ok = fraction(from)
		high, too = fraction(to)
		return low, high, ok && too
	}
	low, ok = fraction(s)
	return low, low, ok
}

func fraction(percent string) (*float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(percent), 64)
	v /= 100
	return &v, err == nil
}
