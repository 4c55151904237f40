package similar

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/duplicate"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/proposal"
)

// handed are the proposals that were handed in, and stay so.
const handed = `state NOT IN ('draft', 'withdrawn')`

// counts says how many records there are to compare with.
func (s *Service) counts(ctx context.Context) (n int, err error) {
	err = s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(*) FROM proposal WHERE `+handed+`) + (SELECT count(*) FROM award)`).Scan(&n)
	return n, err
}

// keys lists the records of a kind.
func (s *Service) keys(ctx context.Context, kind string) ([]string, error) {
	query := `SELECT id FROM award ORDER BY id`
	if kind == Proposal {
		query = `SELECT id FROM proposal WHERE ` + handed + ` ORDER BY id`
	}
	return db.Strings(ctx, s.DB.Q(ctx), query)
}

// submittedSince are the proposals that were submitted, perhaps once more, since an instant.
func (s *Service) submittedSince(ctx context.Context, at time.Time) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `SELECT DISTINCT b.proposal_id FROM proposal_submission b JOIN proposal p ON p.id = b.proposal_id WHERE b.recorded_at >= $1 AND p.`+handed, db.At(at))
}

// read is records of a kind by key, with their texts and teams.
func (s *Service) read(ctx context.Context, kind string, ids []string) ([]Record, error) {
	var list []Record
	for some := range slices.Chunk(ids, 400) {
		of := s.awards
		if kind == Proposal {
			of = s.proposals
		}
		part, err := of(ctx, some)
		if err != nil {
			return nil, err
		}
		list = append(list, part...)
	}
	return list, nil
}

// written is a proposal with what was answered.
type written struct {
	Record
	scheme, form string
	answers      map[string]json.RawMessage
	content      proposal.Content
}

// proposals reads proposals as they were submitted last; what an import brought has
// its answers only.
func (s *Service) proposals(ctx context.Context, ids []string) ([]Record, error) {
	in, args := db.In(1, ids)
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (w written, err error) {
		var title string
		var summary lang.Text
		w.Kind = Proposal
		err = r.Scan(&w.ID, &w.Number, &title, &summary, &w.State, &w.agency, &w.call, &w.proposal, &w.revises, &w.scheme, &w.Where, &w.version, db.FromJSON(&w.content))
		w.Title, w.titles = lang.In1("en", title), []string{title}
		w.form, w.answers = w.content.Form, w.content.Answers
		if w.version == 0 {
			w.add(summaryLabel(), summary.In(lang.English))
		}
		return w, err
	}, `SELECT p.id, p.number, p.title, p.summary, p.state, p.agency_id, p.call_id, COALESCE(p.stage_of, ''), COALESCE(p.resubmission_of, ''), COALESCE(p.scheme_version_id, ''), c.title, COALESCE(b.number, 0), COALESCE(b.content, '{}')
		FROM proposal p JOIN call c ON c.id = p.call_id LEFT JOIN proposal_submission b ON b.proposal_id = p.id AND b.number = (SELECT max(n.number) FROM proposal_submission n WHERE n.proposal_id = p.id)
		WHERE p.id IN `+in, args...)
	if err != nil {
		return nil, err
	}
	if err := s.loose(ctx, list); err != nil {
		return nil, err
	}
	teams, err := s.teams(ctx, `SELECT m.proposal_id, COALESCE(m.person_id, ''), m.name FROM proposal_member m WHERE m.state = 'confirmed' AND m.proposal_id IN `+in, args)
	out := make([]Record, len(list))
	for i, w := range list {
		if err := s.label(ctx, &w); err != nil {
			return nil, err
		}
		w.team = teams[w.ID]
		out[i] = w.Record
	}
	return out, err
}

// loose gives the answers of proposals without a submission of ours.
func (s *Service) loose(ctx context.Context, list []written) error {
	at := map[string]int{}
	for i, w := range list {
		if w.version == 0 {
			at[w.ID] = i
			list[i].answers = map[string]json.RawMessage{}
		}
	}
	in, args := db.In(1, slices.Sorted(maps.Keys(at)))
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id, form, field, value string
		err := r.Scan(&id, &form, &field, &value)
		w := &list[at[id]]
		w.form, w.answers[field] = form, json.RawMessage(value)
		return struct{}{}, err
	}, `SELECT proposal_id, form, field, value FROM proposal_answer WHERE proposal_id IN `+in, args...)
	return err
}

// label takes the texts out of the answers, in the order and by the names of the form.
func (s *Service) label(ctx context.Context, w *written) error {
	names, labels := slices.Sorted(maps.Keys(w.answers)), map[string]lang.Text{}
	if w.scheme != "" {
		v, err := s.Schemes.Get(ctx, w.scheme)
		if err != nil {
			return err
		}
		if form := v.Form(w.form); form != nil {
			names = nil
			for _, f := range form.Ordered() {
				names, labels[f.Name] = append(names, f.Name), f.Title
			}
		}
	}
	for _, name := range names {
		var text string
		if json.Unmarshal(w.answers[name], &text) != nil || name == "title" {
			continue // a number, a table: no text
		}
		label := labels[name]
		if label.Empty() {
			label = lang.In1("en", name)
		}
		w.add(label, text)
	}
	return nil
}

// add keeps a text that is long enough to hold a passage.
func (r *Record) add(label lang.Text, text string) {
	if len(text) > duplicate.Least {
		r.texts, r.Labels = append(r.texts, text), append(r.Labels, label)
	}
}

// summaryLabel names what is no answer to a form.
func summaryLabel() lang.Text {
	return lang.Both(lang.T(lang.English, "similar.summary"), lang.T(lang.Chinese, "similar.summary"))
}

// awards reads awards in all their languages.
func (s *Service) awards(ctx context.Context, ids []string) ([]Record, error) {
	in, args := db.In(2, ids)
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Record, err error) {
		var summary lang.Text
		v.Kind = Award
		err = r.Scan(&v.ID, &v.Number, &v.Title, &summary, &v.State, &v.agency, &v.call, &v.proposal, &v.Where, &v.public)
		for _, tag := range v.Title.Tags() {
			v.titles = append(v.titles, v.Title.By[tag])
		}
		for _, tag := range summary.Tags() {
			v.add(summaryLabel(), summary.By[tag])
		}
		return v, err
	}, `SELECT a.id, a.number, a.title, a.summary, a.state, COALESCE(a.agency_id, ''), COALESCE(a.call_id, ''), COALESCE(a.proposal_id, ''), COALESCE(g.name, u.name), a.public_at IS NOT NULL AND a.public_at <= $1
		FROM award a LEFT JOIN agency g ON g.id = a.agency_id LEFT JOIN organisation u ON u.id = a.funder_organisation WHERE a.id IN `+in, append([]any{db.At(clock.Now(ctx))}, args...)...)
	if err != nil {
		return nil, err
	}
	in, args = db.In(1, ids)
	teams, err := s.teams(ctx, `SELECT award_id, COALESCE(person_id, ''), name FROM award_party WHERE award_id IN `+in, args)
	for i := range list {
		list[i].team = teams[list[i].ID]
	}
	return list, err
}

// teams gives people by record. Who has no key is known by the name as it is written.
func (s *Service) teams(ctx context.Context, query string, args []any) (map[string][]person, error) {
	out := map[string][]person{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var id string
		var p person
		err := r.Scan(&id, &p.key, &p.name)
		if p.key == "" {
			p.key = strings.ToLower(p.name)
		}
		if p.key != "" {
			out[id] = append(out[id], p)
		}
		return struct{}{}, err
	}, query, args...)
	return out, err
}

// shares reports which agencies let an agency see that they have such a proposal.
func (s *Service) shares(ctx context.Context, agency string) ([]string, error) {
	return db.Strings(ctx, s.DB.Q(ctx), `SELECT from_agency FROM sharing_agreement WHERE to_agency = $1 AND what = 'proposals' AND from_at <= $2 AND (until_at IS NULL OR until_at > $2)`,
		agency, db.At(clock.Now(ctx)))
}

// verdicts are the newest verdicts on the matches of a proposal, by key.
func (s *Service) verdicts(ctx context.Context, proposal string) (map[string]Verdict, error) {
	out := map[string]Verdict{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var kind, id string
		var v Verdict
		err := r.Scan(&kind, &id, &v.Verdict, &v.Reason, &v.By, db.Time(&v.At))
		out[kind+" "+id] = v
		return struct{}{}, err
	}, `SELECT other_kind, other_id, verdict, reason, by_name, at FROM similar_verdict WHERE proposal_id = $1 ORDER BY at, id`, proposal)
	return out, err
}

func (s *Service) insertVerdict(ctx context.Context, a access.Actor, proposal, kind, id, verdict, reason string) error {
	_, err := s.DB.Q(ctx).ExecContext(ctx, `INSERT INTO similar_verdict (id, proposal_id, other_kind, other_id, verdict, reason, by_account, by_name, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		clock.ID(ctx), proposal, kind, id, verdict, reason, a.Account, a.Name, db.At(clock.Now(ctx)))
	return err
}
