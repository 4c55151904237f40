package review

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
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
	places                []string
}

// job is somebody's time at an organisation, in plain days; "" for one that is not known.
type job struct{ person, organisation, name, from, until string }

// together is what several people did: a work, or an earlier proposal.
type together struct {
	name, day string
	people    []string
}

// knowledge reads all that conflicts of some proposals with some people rest on.
func (s *Service) knowledge(ctx context.Context, in scope, people []string) (*knowledge, error) {
	k := &knowledge{asked: map[string]bool{}, cleared: map[[4]string]bool{}}
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
	for i := range k.teams {
		k.teams[i].day = plainDay(k.teams[i].day)
	}
	return k, err
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
		var state string
		err := r.Scan(&c.proposal, &c.Person, &c.Rule, &c.Evidence, &state)
		if state == "cleared" {
			k.cleared[[4]string{c.proposal, c.Person, c.Rule, c.Evidence}] = true
		} else {
			k.declared = append(k.declared, c)
		}
		return struct{}{}, err
	}, fmt.Sprintf(`SELECT c.subject_id, c.person_id, c.rule, c.evidence, c.state FROM conflict c JOIN proposal p ON p.id = c.subject_id
		WHERE c.subject_kind = 'proposal' AND c.state IN ('confirmed', 'cleared') AND (c.until_at IS NULL OR c.until_at > $%d) AND %s ORDER BY c.id`, now, in.where), append(slices.Clone(in.args), db.At(clock.Now(ctx)))...)
	return err
}

func (s *Service) jobsOf(ctx context.Context, people []string) (out []job, err error) {
	for some := range slices.Chunk(people, 500) {
		marks, args := db.In(1, some)
		list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (j job, err error) {
			var name lang.Text
			err = r.Scan(&j.person, &j.organisation, &name, &j.from, &j.until)
			j.name = name.In(lang.English)
			return j, err
		}, `SELECT f.person_id, COALESCE(o.redirect_to, f.organisation_id), o.name, COALESCE(f.from_day, ''), COALESCE(f.until_day, '') FROM affiliation f JOIN organisation o ON o.id = f.organisation_id WHERE f.person_id IN `+marks+` ORDER BY f.id`, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// identities are the names of people, with the organisations where they work.
func (s *Service) identities(ctx context.Context, people []string, jobs []job) (out []identity, err error) {
	places := map[string][]string{}
	for _, j := range jobs {
		places[j.person] = append(places[j.person], j.name)
	}
	for some := range slices.Chunk(people, 500) {
		marks, args := db.In(1, some)
		list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (p identity, err error) {
			err = r.Scan(&p.person, &p.given, &p.family)
			p.places = places[p.person]
			return p, err
		}, `SELECT id, given_name, family_name FROM person WHERE id IN `+marks+` ORDER BY id`, args...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
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
