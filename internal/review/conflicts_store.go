package review

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/engine/conflict"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/register"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// seat is somebody's place in the team of a proposal.
type seat struct{ proposal, person, name, organisation, organisationName string }

type declaredConflict struct {
	Conflict
	proposal string
}

// identity is a person with the names by which others may mean them.
type identity struct {
	person, given, family string
	name                  string // as the person writes it, perhaps in two scripts
	places                []string
}

// affiliation is somebody's time at an organisation, in plain days; "" for one that is not known.
type affiliation struct{ person, organisation, name, department, from, until string }

// relation is that one person said of another what they are to each other.
type relation struct{ person, name, other, otherName, is, from, until string }

// kind is what package conflict calls it.
func (r relation) kind() conflict.Kind {
	if r.is == register.Family {
		return conflict.Family
	}
	return conflict.Adviser
}

// told names both.
func (r relation) told() string { return r.name + " – " + r.otherName }

// rival is a person, or an organisation, that applicants named as a competitor.
type rival struct{ proposal, person, organisation, reason string }

// otherSeat is somebody's place in another proposal of a call.
type otherSeat struct{ person, proposal, number string }

// together is what several people did: a work, or an earlier proposal.
type together struct {
	name, day string
	people    []string
}

// returned is a review of an applicant's proposal.
type returned struct{ reviewer, applicant, number string }

// knowledge reads all that conflicts of some proposals with some people rest on.
func (s *Service) knowledge(ctx context.Context, in scope, people []string) (*knowledge, error) {
	k := &knowledge{asked: map[string]bool{}, cleared: map[[4]string]bool{}, rules: rulesOf(in.bars)}
	for _, person := range people {
		k.asked[person] = true
	}
	var err error
	if k.seats, err = s.seats(ctx, in); err != nil {
		return nil, err
	}
	if err := s.declarations(ctx, in, k); err != nil {
		return nil, err
	}
	var applicants []string
	for _, seat := range k.seats {
		if seat.person != "" {
			applicants = append(applicants, seat.person)
		}
	}
	slices.Sort(applicants)
	applicants = slices.Compact(applicants)
	if k.jobs, err = s.jobsOf(ctx, slices.Concat(people, applicants)); err != nil {
		return nil, err
	}
	if k.known, err = s.identities(ctx, people, k.jobs); err != nil {
		return nil, err
	}
	if k.works, err = s.togetherOf(ctx, applicants, nil, `SELECT w.id, w.title, CASE WHEN w.year IS NULL THEN '' ELSE CAST(w.year AS TEXT) || '-12-31' END, a.person_id FROM work_author a JOIN work w ON w.id = a.work_id
		WHERE w.id IN (SELECT work_id FROM work_author WHERE person_id IN %s) ORDER BY w.id, a.place`); err != nil {
		return nil, err
	}
	k.teams, err = s.togetherOf(ctx, applicants, []any{in.agency}, `SELECT p.id, p.number, CAST(p.submitted_at AS TEXT), m.person_id FROM proposal_member m JOIN proposal p ON p.id = m.proposal_id
		WHERE p.agency_id = $1 AND p.submitted_at IS NOT NULL AND m.state = 'confirmed' AND m.person_id IS NOT NULL AND p.id IN (SELECT proposal_id FROM proposal_member WHERE state = 'confirmed' AND person_id IN %s) ORDER BY p.id, m.id`)
	if err != nil {
		return nil, err
	}
	for i := range k.teams {
		k.teams[i].day = plainDay(k.teams[i].day)
	}
	return k, s.said(ctx, in, k, applicants, people)
}

// said reads what people said of each other, and what only some schemes ask for.
func (s *Service) said(ctx context.Context, in scope, k *knowledge, applicants, people []string) (err error) {
	if k.ties, err = s.relations(ctx, applicants); err != nil {
		return err
	}
	if k.rivals, err = s.rivals(ctx, in); err != nil {
		return err
	}
	if in.bars[scheme.SameOrganisation].Kin {
		if k.parents, err = s.parents(ctx, k); err != nil {
			return err
		}
	}
	if in.bars[scheme.SameCall].Hold != scheme.Off {
		if k.others, err = s.applying(ctx, in.call, people); err != nil {
			return err
		}
	}
	if circle := in.bars[scheme.Circle].Hold != scheme.Off; circle || in.bars[scheme.Reciprocal].Hold != scheme.Off {
		if k.returns, err = s.returns(ctx, in.call, applicants); err != nil || !circle || len(k.returns) == 0 {
			return err
		}
		next := make([]string, len(k.returns))
		for i, r := range k.returns {
			next[i] = r.applicant
		}
		slices.Sort(next)
		k.onward, err = s.returns(ctx, in.call, slices.Compact(next))
	}
	return err
}

// returns are the reviews for which some people were asked in a call, each with every applicant whose proposal it is of.
func (s *Service) returns(ctx context.Context, call string, reviewers []string) ([]returned, error) {
	return db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v returned, err error) { return v, r.Scan(&v.reviewer, &v.applicant, &v.number) },
		`SELECT r.reviewer_person, m.person_id, p.number FROM review r JOIN proposal p ON p.id = r.proposal_id JOIN proposal_member m ON m.proposal_id = p.id
		WHERE r.call_id = $1 AND r.state IN ('invited', 'accepted', 'submitted') AND m.state = 'confirmed' AND m.person_id IS NOT NULL AND r.reviewer_person IN {keys} ORDER BY r.id, m.id`, reviewers, call)
}

// teams are the people who apply with each proposal of a stage.
func (s *Service) teams(ctx context.Context, d Desk) (map[string][]string, error) {
	out := map[string][]string{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var proposal, person string
		err := r.Scan(&proposal, &person)
		out[proposal] = append(out[proposal], person)
		return struct{}{}, err
	}, `SELECT m.proposal_id, m.person_id FROM proposal_member m JOIN proposal p ON p.id = m.proposal_id WHERE p.call_id = $1 AND p.stage = $2 AND m.state = 'confirmed' AND m.person_id IS NOT NULL ORDER BY m.proposal_id, m.id`, d.CallID, d.Stage())
	return out, err
}

// relations are what people said about applicants, or applicants about others.
func (s *Service) relations(ctx context.Context, applicants []string) (out []relation, err error) {
	seen := map[string]bool{}
	_, err = db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var t relation
		err := r.Scan(&id, &t.person, &t.name, &t.other, &t.otherName, &t.is, &t.from, &t.until)
		if !seen[id] {
			seen[id] = true
			out = append(out, t)
		}
		return struct{}{}, err
	}, `SELECT r.id, r.person_id, a.name, r.other_id, b.name, r.kind, COALESCE(r.from_day, ''), COALESCE(r.until_day, '') FROM person_relation r JOIN person a ON a.id = r.person_id JOIN person b ON b.id = r.other_id
		WHERE r.person_id IN {keys} OR r.other_id IN {keys} ORDER BY r.id`, applicants)
	return out, err
}

// rivals are whom the applicants of a scope named as competitors.
func (s *Service) rivals(ctx context.Context, in scope) ([]rival, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v rival, err error) {
		return v, r.Scan(&v.proposal, &v.person, &v.organisation, &v.reason)
	}, `SELECT c.proposal_id, COALESCE(c.person_id, ''), COALESCE(o.redirect_to, c.organisation_id, ''), c.reason FROM proposal_competitor c JOIN proposal p ON p.id = c.proposal_id
		LEFT JOIN organisation o ON o.id = c.organisation_id WHERE `+in.where+` ORDER BY c.id`, in.args...)
}

// parents are the organisations above all that somebody works at, each with that which it is a part of.
func (s *Service) parents(ctx context.Context, k *knowledge) (out [][2]string, err error) {
	seen := map[string]bool{}
	var level []string
	meet := func(organisation string) {
		if organisation != "" && !seen[organisation] {
			seen[organisation] = true
			level = append(level, organisation)
		}
	}
	for _, seat := range k.seats {
		meet(seat.organisation)
	}
	for _, j := range k.jobs {
		meet(j.organisation)
	}
	for len(level) > 0 {
		list, err := db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v [2]string, err error) { return v, r.Scan(&v[0], &v[1]) },
			`SELECT o.id, COALESCE(p.redirect_to, p.id) FROM organisation o JOIN organisation p ON p.id = o.parent_id WHERE o.id IN {keys} ORDER BY o.id`, level)
		if err != nil {
			return nil, err
		}
		level = nil
		for _, v := range list {
			out = append(out, v)
			meet(v[1])
		}
	}
	return out, nil
}

// applying are the places of some people in proposals that a call has received.
func (s *Service) applying(ctx context.Context, call string, people []string) ([]otherSeat, error) {
	return db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v otherSeat, err error) { return v, r.Scan(&v.person, &v.proposal, &v.number) },
		`SELECT m.person_id, p.id, p.number FROM proposal_member m JOIN proposal p ON p.id = m.proposal_id
		WHERE p.call_id = $1 AND p.state IN ('submitted', 'in-review') AND m.state = 'confirmed' AND m.person_id IN {keys} ORDER BY p.number, m.id`, people, call)
}

// plainDay is the day of an instant in microseconds; "" for what is none.
func plainDay(micro string) string {
	n, err := strconv.ParseInt(micro, 10, 64)
	if err != nil {
		return ""
	}
	return time.UnixMicro(n).UTC().Format(time.DateOnly)
}

// seats are those of all proposals in a scope, past ones included; an organisation that was merged counts as what it was merged into.
func (s *Service) seats(ctx context.Context, in scope) ([]seat, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v seat, err error) {
		var name lang.Text
		err = r.Scan(&v.proposal, &v.person, &v.name, &v.organisation, &name)
		v.organisationName = name.In(lang.English)
		return v, err
	}, `SELECT m.proposal_id, COALESCE(m.person_id, ''), m.name, COALESCE(o.redirect_to, m.organisation_id, ''), o.name FROM proposal_member m JOIN proposal p ON p.id = m.proposal_id
		LEFT JOIN organisation o ON o.id = m.organisation_id WHERE `+in.where+` ORDER BY m.proposal_id, m.id`, in.args...)
}

// declarations are what people declared or settled about the proposals of a scope, as far as it holds today.
func (s *Service) declarations(ctx context.Context, in scope, k *knowledge) error {
	now := len(in.args) + 1
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var c declaredConflict
		var state, from, until string
		err := r.Scan(&c.proposal, &c.Person, &c.Rule, &c.Evidence, &state, &from, &until)
		c.Since, c.Until = plainDay(from), plainDay(until)
		if state == "cleared" {
			k.cleared[[4]string{c.proposal, c.Person, c.Rule, c.Evidence}] = true
		} else {
			k.declared = append(k.declared, c)
		}
		return struct{}{}, err
	}, fmt.Sprintf(`SELECT c.subject_id, c.person_id, c.rule, c.evidence, c.state, COALESCE(CAST(c.from_at AS TEXT), ''), COALESCE(CAST(c.until_at AS TEXT), '') FROM conflict c JOIN proposal p ON p.id = c.subject_id
		WHERE c.subject_kind = 'proposal' AND c.state IN ('confirmed', 'cleared') AND (c.until_at IS NULL OR c.until_at > $%d) AND %s ORDER BY c.id`, now, in.where), append(slices.Clone(in.args), db.At(clock.Now(ctx)))...)
	return err
}

func (s *Service) jobsOf(ctx context.Context, people []string) ([]affiliation, error) {
	return db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (j affiliation, err error) {
		var name lang.Text
		err = r.Scan(&j.person, &j.organisation, &name, &j.department, &j.from, &j.until)
		j.name = name.In(lang.English)
		return j, err
	}, `SELECT f.person_id, COALESCE(o.redirect_to, f.organisation_id), o.name, f.department, COALESCE(f.from_day, ''), COALESCE(f.until_day, '') FROM affiliation f JOIN organisation o ON o.id = f.organisation_id WHERE f.person_id IN {keys} ORDER BY f.id`, people)
}

// identities are the names of people, with the organisations where they work.
func (s *Service) identities(ctx context.Context, people []string, jobs []affiliation) ([]identity, error) {
	places := map[string][]string{}
	for _, j := range jobs {
		places[j.person] = append(places[j.person], j.name)
	}
	return db.RowsIn(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p identity, err error) {
		err = r.Scan(&p.person, &p.given, &p.family, &p.name)
		p.places = places[p.person]
		return p, err
	}, `SELECT id, given_name, family_name, name FROM person WHERE id IN {keys} ORDER BY id`, people)
}

// togetherOf reads works or teams of people: a query for key, name, day and one person a row, in order of the
// key, with %s for the list of people after other arguments.
func (s *Service) togetherOf(ctx context.Context, people []string, before []any, query string) (out []together, err error) {
	seen := map[string]bool{}
	for some := range slices.Chunk(people, 500) {
		marks, args := db.In(len(before)+1, some)
		last, keep := "", false
		if _, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
			var key, name, day, person string
			err := r.Scan(&key, &name, &day, &person)
			if key != last {
				last, keep = key, !seen[key]
				seen[key] = true
				if keep {
					out = append(out, together{name: name, day: day})
				}
			}
			if keep {
				out[len(out)-1].people = append(out[len(out)-1].people, person)
			}
			return struct{}{}, err
		}, fmt.Sprintf(query, marks), append(slices.Clone(before), args...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// putSettled notes what somebody found out about a possible conflict.
func (s *Service) putSettled(ctx context.Context, a access.Actor, c Conflict, proposalID string, same bool) error {
	state := "cleared"
	if same {
		state = "confirmed"
	}
	return s.exec(ctx, `INSERT INTO conflict (id, person_id, subject_kind, subject_id, rule, hard, state, evidence, from_at, declared_by, created_at) VALUES ($1, $2, 'proposal', $3, $4, 1, $5, $6, $7, $8, $7)`,
		clock.ID(ctx), c.Person, proposalID, c.Rule, state, c.Evidence, db.At(clock.Now(ctx)), a.Account)
}
