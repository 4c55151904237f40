package exchange

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/call"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/money"
	"github.com/headwater-platform/headwater/internal/register"
)

// entities are the organisations, people, agencies and calls that rows name. The
// same key of the same source is the same one, in this run and in all later
// ones; a ROR or ORCID iD makes it the same over sources.
type entities struct {
	s      *Service
	source string
	ids    map[want]string
	made   map[string]int
	fresh  []made // not yet stored
}

// want is an entity by its kind, as kinds names them, and its key.
type want struct{ kind, key string }

// made is an entity that was not known, with what a row says of it.
type made struct {
	want
	id     string
	item   Item
	parent Item // the record that names it
}

func newEntities(s *Service, source string) *entities {
	return &entities{s: s, source: source, ids: map[want]string{}, made: map[string]int{}}
}

// mark and reset undo what a unit of work that failed made.
func (e *entities) mark() map[want]string { return maps.Clone(e.ids) }

func (e *entities) reset(ids map[want]string) {
	for w := range e.ids {
		if _, ok := ids[w]; !ok && !strings.HasPrefix(w.key, "iD ") {
			e.made[w.kind] = max(e.made[w.kind]-1, 0)
		}
	}
	e.ids, e.fresh = ids, nil
}

var plural = map[string]string{"organisation": "organisations", "person": "people", "agency": "agencies", "call": "calls"}

// order is the order in which entities are made: a person works at an organisation.
var order = []string{"organisations", "agencies", "people", "calls"}

// wantOf is what an object of a row names; "" for a person of whom only the name is known.
func wantOf(entity string, o Item) want {
	w := want{kind: plural[entity]}
	for _, name := range []string{"key", "ror", "orcid"} {
		if v, ok := o[name].(string); ok {
			w.key = v
			return w
		}
	}
	if entity == "organisation" {
		w.key = strings.ToLower(o["name"].(lang.Text).In(lang.English)) // needed, by its field
	}
	return w
}

// id is the record of an object of a row, "" for none.
func (e *entities) id(entity string, o any) string {
	item, ok := o.(Item)
	if !ok {
		return ""
	}
	return e.ids[wantOf(entity, item)]
}

// resolve finds the record of everything that rows name, or gives it a new id.
func (e *entities) resolve(ctx context.Context, kind string, list []entry, dry bool) error {
	named := map[string]map[string]made{}
	for _, row := range list {
		e.collect(named, kinds[kind], row.item, row.item)
	}
	for _, kind := range order {
		if err := e.find(ctx, kind, named[kind]); err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(named[kind])) {
			w := want{kind, key}
			if e.ids[w] != "" {
				continue
			}
			m := named[kind][key]
			iD := want{kind, "iD " + m.iD()}
			if m.iD() != "" && e.ids[iD] != "" { // two keys for one
				e.ids[w] = e.ids[iD]
				continue
			}
			m.id = clock.ID(ctx)
			e.ids[w] = m.id
			if m.iD() != "" {
				e.ids[iD] = m.id
			}
			e.made[kind]++
			if !dry {
				e.fresh = append(e.fresh, m)
			}
		}
	}
	return nil
}

// collect gathers what an object names, the inner ones first.
func (e *entities) collect(named map[string]map[string]made, fields map[string]*field, o, parent Item) {
	for name, f := range fields {
		if f.of == nil {
			continue
		}
		inner, _ := o[name].([]Item)
		if one, ok := o[name].(Item); ok {
			inner = []Item{one}
		}
		for _, item := range inner {
			e.collect(named, f.of, item, parent)
			if f.entity == "" {
				continue
			}
			w := wantOf(f.entity, item)
			if w.key == "" || e.ids[w] != "" {
				continue
			}
			if named[w.kind] == nil {
				named[w.kind] = map[string]made{}
			}
			if _, ok := named[w.kind][w.key]; !ok {
				named[w.kind][w.key] = made{want: w, item: item, parent: parent}
			}
		}
	}
}

// find looks up what is known already: by key, then by the iD that all share.
func (e *entities) find(ctx context.Context, kind string, named map[string]made) error {
	keys := slices.Collect(maps.Keys(named))
	have, err := e.s.known(ctx, kind, e.source, keys)
	if err != nil {
		return err
	}
	ids := map[string]string{} // iD → key
	for key, m := range named {
		if k, ok := have[key]; ok {
			e.ids[want{kind, key}] = k.id
			continue
		}
		if iD := m.iD(); iD != "" {
			ids[iD] = key
		}
	}
	found, err := e.s.Register.ByIDs(ctx, slices.Collect(maps.Keys(ids)))
	for iD, record := range found {
		e.ids[want{kind, ids[iD]}] = record
	}
	return err
}

// iD is the ROR or ORCID iD, "" if none is given.
func (m made) iD() string {
	for _, name := range []string{"ror", "orcid"} {
		if v := str(m.item, name); v != "" {
			return bare(v)
		}
	}
	return ""
}

// bare is a ROR or ORCID iD without its address.
func bare(iD string) string {
	for _, prefix := range []string{"https://ror.org/", "https://orcid.org/", "http://orcid.org/"} {
		iD = strings.TrimPrefix(iD, prefix)
	}
	return iD
}

// store writes what resolve made, inside the unit of work of the rows that name it.
func (e *entities) store(ctx context.Context, by access.Actor, run string) error {
	var b register.Batch
	var calls []call.Call
	keys := map[string][]known{}
	for _, m := range e.fresh {
		keys[m.kind] = append(keys[m.kind], known{key: m.key, id: m.id})
		switch m.kind {
		case "organisations":
			b.Organisations = append(b.Organisations, organisationOf(m.id, m.item))
		case "agencies":
			a := agencyOf(m)
			b.Organisations = append(b.Organisations, register.Organisation{ID: a.OrganisationID, Name: a.Name, Acronym: a.Short, Kind: "funder"})
			b.Agencies = append(b.Agencies, a)
		case "people":
			p, err := e.personOf(m)
			if err != nil {
				return err
			}
			b.People = append(b.People, p)
		case "calls":
			calls = append(calls, e.callOf(m))
		}
	}
	e.fresh = nil
	if len(b.Organisations)+len(b.People)+len(b.Agencies) > 0 {
		if err := e.s.Register.TakeIn(ctx, by, &b); err != nil {
			return err
		}
	}
	if len(calls) > 0 {
		if err := e.s.Calls.TakeIn(ctx, calls); err != nil {
			return err
		}
	}
	for kind, list := range keys {
		if err := e.s.remember(ctx, run, kind, e.source, list); err != nil {
			return err
		}
	}
	return nil
}

func str(o Item, name string) string { s, _ := o[name].(string); return s }

func num(o Item, name string) int { n, _ := o[name].(int64); return int(n) }

func organisationOf(id string, o Item) register.Organisation {
	kind := str(o, "kind")
	if kind == "" {
		kind = "other"
	}
	name, _ := o["name"].(lang.Text)
	return register.Organisation{ID: id, Name: name, Acronym: str(o, "acronym"), Kind: kind, Country: strings.ToUpper(str(o, "country")), Place: str(o, "place"),
		Website: str(o, "website"), ROR: bare(str(o, "ror"))}
}

func agencyOf(m made) register.Agency {
	name, _ := m.item["name"].(lang.Text)
	short := str(m.item, "short")
	if short == "" {
		short = m.key
	}
	a := register.Agency{ID: m.id, OrganisationID: m.id, Slug: slug(short), Short: short, Name: name, Currency: str(m.item, "currency"), Zone: str(m.item, "zone")}
	if a.Currency == "" {
		a.Currency = "EUR"
	}
	if a.Zone == "" {
		a.Zone = "UTC"
	}
	return a
}

// slug is a name as an address can hold it.
func slug(s string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(s)), "-")
}

func (e *entities) personOf(m made) (register.Person, error) {
	given, family := str(m.item, "given"), str(m.item, "family")
	if family == "" {
		given, family = apart(str(m.item, "name"))
	}
	if family == "" {
		return register.Person{}, Problem{Field: "person", Value: m.key, Reason: "has no name"}
	}
	p := register.Person{ID: m.id, Given: given, Family: family, ORCID: bare(str(m.item, "orcid"))}
	if org := e.id("organisation", m.item["organisation"]); org != "" {
		p.Affiliations = []register.Affiliation{{OrganisationID: org}}
	}
	return p, nil
}

// apart divides a name as it is usually written: "Family, Given", else the last word is the family's.
func apart(name string) (given, family string) {
	if family, given, ok := strings.Cut(name, ","); ok {
		return strings.TrimSpace(given), strings.TrimSpace(family)
	}
	words := strings.Fields(name)
	if len(words) == 0 {
		return "", ""
	}
	return strings.Join(words[:len(words)-1], " "), words[len(words)-1]
}

func (e *entities) callOf(m made) call.Call {
	title, _ := m.item["title"].(lang.Text)
	agency, _ := m.parent["agency"].(Item)
	currency := str(agency, "currency")
	if requested, ok := m.parent["requested"].(money.Amount); ok {
		currency = requested.Currency
	}
	c := call.Call{ID: m.id, Number: e.source + ":" + m.key, AgencyID: e.id("agency", agency), Title: title, State: "closed", Zone: "UTC",
		Low: money.Amount{Currency: currency}, High: money.Amount{Currency: currency}, Total: money.Amount{Currency: currency}, Version: 1}
	if t, err := time.Parse(time.DateOnly, str(m.item, "closes")); err == nil {
		c.ClosesAt, c.PublishedAt = t, t
	}
	return c
}

// entry of the ledger for one batch, beside that of the whole run.
func (r *run) append(ctx context.Context, list []entry) error {
	hashes := make([]string, len(list))
	for i, e := range list {
		hashes[i] = e.key + " " + e.hash
	}
	_, err := r.s.Ledger.Append(ctx, r.by, ledger.Entry{Act: "exchange.take-in", Kind: "import", ID: r.report.Run, Payload: map[string]any{"kind": r.m.Kind, "source": r.m.Source, "rows": hashes}})
	return err
}
