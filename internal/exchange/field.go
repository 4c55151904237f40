package exchange

import (
	"maps"
	"slices"

	"github.com/headwater-platform/headwater/internal/award"
	"github.com/headwater-platform/headwater/internal/register"
)

// shape is what a field of a record holds.
type shape int

const (
	text    shape = iota // string
	texts                // lang.Text: a text in several languages
	day                  // string, 2027-03-16
	instant              // time.Time
	integer              // int64
	float                // float64
	amount               // money.Amount
	list                 // []string
	object               // Item
	objects              // []Item
	answer               // any value of a form, kept as it is
)

// field is one field of a kind of records.
type field struct {
	shape    shape
	required bool
	among    []string          // what a text may be
	of       map[string]*field // of objects
	entity   string            // organisation, person, agency or call: found or made
}

// Item is one row as the mapping made it: typed by its kind's fields, without what is missing.
type Item map[string]any

func must(f field) *field { f.required = true; return &f }

// The parts that several kinds share. An organisation, a person, an agency or a
// call is found by its key, its ROR or ORCID iD, else made; a reference must
// have been taken in from the same source before.
var (
	organisation = map[string]*field{"key": {}, "ror": {}, "name": must(field{shape: texts}), "kind": {among: register.Kinds}, "country": {}, "place": {}}
	person       = map[string]*field{"key": {}, "name": {}, "given": {}, "family": {}, "orcid": {}, "organisation": {shape: object, of: organisation, entity: "organisation"}}
	party        = map[string]*field{"person": {shape: object, of: person, entity: "person"}, "name": {}, "role": {among: []string{"lead", "co-lead", "member"}}, "organisation": {shape: object, of: organisation, entity: "organisation"}}
	agency       = map[string]*field{"key": must(field{}), "name": must(field{shape: texts}), "short": {}, "currency": {}, "zone": {}}
	partOfCall   = map[string]*field{"key": must(field{}), "title": must(field{shape: texts}), "closes": {shape: day}}
)

// fieldsOfResearch are the codes of the first level of the OECD's fields of research and development (2015).
var fieldsOfResearch = []string{"1", "2", "3", "4", "5", "6"}

// Kinds are the kinds of records that can be taken in, each with its fields.
var kinds = map[string]map[string]*field{
	"organisations": {
		"ror": {}, "name": must(field{shape: texts}), "acronym": {}, "kind": {among: register.Kinds}, "country": {}, "place": {}, "website": {}, "aliases": {shape: list},
	},
	"people": {
		"given": {}, "family": must(field{}), "orcid": {}, "country": {}, "keywords": {shape: list},
		"organisation": {shape: object, of: organisation, entity: "organisation"}, "position": {},
	},
	"awards": {
		"number": {}, "title": must(field{shape: texts}), "summary": {shape: texts}, "kind": {}, "year": {shape: integer},
		"funder": {shape: object, of: organisation, entity: "organisation"}, "agency": {shape: object, of: agency, entity: "agency"}, "holder": {shape: object, of: organisation, entity: "organisation"},
		"start": {shape: day}, "end": {shape: day}, "amount": {shape: amount}, "state": {among: []string{award.Running, award.Ended}},
		"parties": {shape: objects, of: party}, "proposal": {}, "public": {shape: day}, "field": {among: fieldsOfResearch},
	},
	"calls": {
		"number": {}, "agency": must(field{shape: object, of: agency, entity: "agency"}), "title": must(field{shape: texts}), "summary": {shape: texts}, "guidance": {shape: texts},
		"state": {among: []string{"published", "cancelled", "closed"}}, "opens": {shape: instant}, "closes": {shape: instant}, "decide_by": {shape: day},
		"total": {shape: amount}, "low": {shape: amount}, "high": {shape: amount}, "contact": {},
	},
	"proposals": {
		"number": {}, "call": must(field{shape: object, of: partOfCall, entity: "call"}), "agency": must(field{shape: object, of: agency, entity: "agency"}), "title": {}, "summary": {}, "language": {},
		"outcome": must(field{among: []string{"fund", "reserve", "reject", "withdrawn", "pending"}}), "holder": {shape: object, of: organisation, entity: "organisation"},
		"requested": {shape: amount}, "months": {shape: integer}, "team_size": {shape: integer}, "submitted": {shape: day}, "decided": {shape: day},
		"field": {among: fieldsOfResearch}, "team": {shape: objects, of: party}, "answers": {shape: objects, of: map[string]*field{"field": must(field{}), "value": must(field{shape: answer})}},
	},
	"reviews": {
		"proposal": must(field{}), "reviewer": {shape: object, of: person, entity: "person"}, "overall": {shape: float}, "submitted": {shape: day}, "minutes": {shape: integer},
		"answers": {shape: objects, of: map[string]*field{"criterion": must(field{}), "score": {shape: float}, "text": {}}},
	},
	"reports": {
		"award": must(field{}), "kind": must(field{}), "from": {shape: day}, "until": {shape: day}, "due": must(field{shape: day}),
		"state": {among: []string{"due", "submitted", "accepted"}}, "answers": {shape: objects, of: map[string]*field{"field": must(field{}), "value": must(field{shape: answer})}},
	},
	"results": {
		"award": {}, "kind": must(field{among: award.Kinds}), "title": must(field{shape: texts}), "authors": {}, "doi": {}, "url": {}, "year": {shape: integer}, "quantity": {shape: integer},
	},
}

// KindNames are the kinds of records that can be taken in.
func KindNames() []string { return slices.Sorted(maps.Keys(kinds)) }
