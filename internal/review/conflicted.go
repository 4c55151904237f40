package review

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Conflicted are all proposals beyond drafts that a person must not judge, whatever call they are in: those pairs for
// which Barred finds a reason. Proposals that nothing ties to the person are not looked at, so that it costs a few
// questions for who is tied to none and some more for each way in which schemes keep people apart.
func (s *Service) Conflicted(ctx context.Context, person string) (map[string]bool, error) {
	tied, err := s.tied(ctx, person)
	if err != nil {
		return nil, err
	}
	alike, err := s.alike(ctx, tied)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, a := range alike {
		for ids := range slices.Chunk(a.ids, 500) {
			in, args := db.In(1, ids)
			found, err := s.conflicts(ctx, scope{`p.id IN ` + in, args, a.agency, a.call, a.bars}, []string{person})
			if err != nil {
				return nil, err
			}
			for pair, list := range found {
				if refusal(list) != nil {
					out[pair[0]] = true
				}
			}
		}
	}
	return out, nil
}

// tiedProposal is a proposal with all that the rules by which it is judged depend on.
type tiedProposal struct{ id, call, agency, version string }

// alikeProposals are proposals that can be looked at together.
type alikeProposals struct {
	agency, call string
	bars         map[string]scheme.Bar
	ids          []string
}

// alike gathers proposals of one agency whose schemes keep the same people apart: of one call, where a rule is about who else
// applies or reviews in it.
func (s *Service) alike(ctx context.Context, tied []tiedProposal) ([]*alikeProposals, error) {
	type ruled struct {
		bars map[string]scheme.Bar
		text string // of the bars
	}
	known := map[string]ruled{}
	at := map[[3]string]*alikeProposals{}
	var out []*alikeProposals
	for _, p := range tied {
		rules, ok := known[p.version]
		if !ok {
			bars, err := s.bars(ctx, p.version)
			if err != nil {
				return nil, err
			}
			rules = ruled{bars, fmt.Sprint(bars)} // maps print in order
			known[p.version] = rules
		}
		bars, call := rules.bars, ""
		if bars[scheme.SameCall].Hold != scheme.Off || bars[scheme.Reciprocal].Hold != scheme.Off || bars[scheme.Circle].Hold != scheme.Off {
			call = p.call
		}
		key := [3]string{p.agency, call, rules.text}
		if at[key] == nil {
			at[key] = &alikeProposals{agency: p.agency, call: call, bars: bars}
			out = append(out, at[key])
		}
		at[key].ids = append(at[key].ids, p.id)
	}
	return out, nil
}

// tied are the proposals with which a person can have a conflict at all, by whatever rule and whenever it was: more than those
// with which they have one.
func (s *Service) tied(ctx context.Context, person string) ([]tiedProposal, error) {
	places, err := s.places(ctx, person)
	if err != nil {
		return nil, err
	}
	namesakes, err := s.namesakes(ctx, person)
	if err != nil {
		return nil, err
	}
	at, args := db.In(2, places)
	args = append([]any{person}, args...)
	is, named := db.In(len(args)+1, namesakes)
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p tiedProposal, err error) {
		return p, r.Scan(&p.id, &p.call, &p.agency, &p.version)
	}, `SELECT p.id, p.call_id, p.agency_id, COALESCE(p.scheme_version_id, '') FROM proposal p WHERE p.state <> 'draft' AND p.id IN (
		SELECT subject_id FROM conflict WHERE person_id = $1 AND subject_kind = 'proposal'
		UNION SELECT proposal_id FROM proposal_competitor WHERE person_id = $1 OR organisation_id IN `+at+`
		UNION SELECT proposal_id FROM proposal_member WHERE organisation_id IN `+at+`
		UNION SELECT proposal_id FROM proposal_member WHERE person_id IN (
			SELECT $1 UNION SELECT person_id FROM affiliation WHERE organisation_id IN `+at+`
			UNION SELECT person_id FROM work_author WHERE work_id IN (SELECT work_id FROM work_author WHERE person_id = $1)
			UNION SELECT person_id FROM proposal_member WHERE proposal_id IN (SELECT proposal_id FROM proposal_member WHERE person_id = $1)
			UNION SELECT other_id FROM person_relation WHERE person_id = $1 UNION SELECT person_id FROM person_relation WHERE other_id = $1)
		UNION SELECT id FROM proposal WHERE call_id IN (SELECT o.call_id FROM proposal_member m JOIN proposal o ON o.id = m.proposal_id WHERE m.person_id = $1)
		UNION SELECT proposal_id FROM proposal_member WHERE id IN `+is+`) ORDER BY p.id`, append(args, named...)...)
}

// places are the organisations at which somebody works or worked, with all of which these are parts and all that are parts of
// those, and the keys that were merged into any of them.
func (s *Service) places(ctx context.Context, person string) ([]string, error) {
	level, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT DISTINCT organisation_id FROM affiliation WHERE person_id = $1`, person)
	seen := map[string]bool{}
	var out []string
	for err == nil && len(level) > 0 {
		fresh := level[:0]
		for _, id := range level {
			if !seen[id] {
				seen[id] = true
				fresh, out = append(fresh, id), append(out, id)
			}
		}
		level, err = db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (id string, err error) { return id, r.Scan(&id) }, `SELECT parent_id FROM organisation WHERE id IN {keys} AND parent_id IS NOT NULL
			UNION SELECT redirect_to FROM organisation WHERE id IN {keys} AND redirect_to IS NOT NULL
			UNION SELECT id FROM organisation WHERE parent_id IN {keys} OR redirect_to IN {keys}`, fresh)
	}
	return out, err
}

// namesakes are the seats of teams whose holder nobody has found in the register and who may be the person, as match finds them.
func (s *Service) namesakes(ctx context.Context, person string) ([]string, error) {
	jobs, err := s.jobsOf(ctx, []string{person})
	if err != nil {
		return nil, err
	}
	me, err := s.identities(ctx, []string{person}, jobs)
	if err != nil {
		return nil, err
	}
	var mentions []conflict.Mention
	var of []string // their seats
	_, err = db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (seat string, err error) {
		var name string
		var place lang.Text
		err = r.Scan(&seat, &name, &place)
		for _, m := range mentioned(name, place.In(lang.English)) {
			mentions, of = append(mentions, m), append(of, seat)
		}
		return seat, err
	}, `SELECT m.id, m.name, o.name FROM proposal_member m JOIN proposal p ON p.id = m.proposal_id LEFT JOIN organisation o ON o.id = m.organisation_id
		WHERE m.person_id IS NULL AND p.state <> 'draft' ORDER BY m.id`)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range conflict.Match(identified(me), mentions) {
		out = append(out, of[m.Mention])
	}
	return slices.Compact(out), nil
}
