package retention

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
)

// key names a record.
type key struct{ kind, id string }

// subject is what rows are looked for by: a kind of the inventory and its key; in is the record for which a
// member's rows are meant.
type subject struct{ kind, key, in string }

// args are the parameters of a tie.
func (s subject) args() []any {
	if s.in != "" {
		return []any{s.key, s.in}
	}
	return []any{s.key}
}

// Kept is a record that a rule keeps, although its erasing was asked for. Until zero: its time has not begun, or it
// is kept for good.
type Kept struct {
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Number string    `json:"number"`
	Class  Class     `json:"class"`
	Until  time.Time `json:"until"`
}

// whole is everything that one erasure touches.
type whole struct {
	subjects []subject
	records  []key    // those that go, and are not to be found any more
	files    []key    // owners of files
	entries  []key    // records whose ledger entries lose their payload
	forget   []string // whom the ledger forgets: people and accounts
	words    []string // addresses and ORCID iDs, taken out of texts everywhere
	names    []string // the person's, taken out of the tables that are searched for names
	namesake bool     // somebody else here has the same name
	longer   []string // names of others of which the person's is a part
	named    []named  // names that are taken out of what stays
	awards   []string // to be indexed anew
	kept     []Kept
	heed     bool // texts of records that are held stay as they are
}

// named is a record that stays, in whose texts and ledger entries some words must not.
type named struct {
	in    key
	words []string
}

// gather finds everything that erasing a record touches.
func (s *Service) gather(ctx context.Context, kind, id string) (w whole, err error) {
	w.heed = true
	by, err := s.rules(ctx)
	if err != nil {
		return w, err
	}
	switch kind {
	case "person":
		err = s.gatherPerson(ctx, &w, by, id)
	case "account":
		err = s.gatherAccount(ctx, &w, id)
	case "proposal":
		err = s.gatherProposal(ctx, &w, id)
	case "award":
		err = s.gatherAward(ctx, &w, id)
	case "mail":
		w.subjects = append(w.subjects, subject{kind: "mail", key: id})
	}
	return w, err
}

// gatherProposal adds a proposal, with its awards.
func (s *Service) gatherProposal(ctx context.Context, w *whole, id string) error {
	w.subjects = append(w.subjects, subject{kind: "proposal", key: id})
	w.files = append(w.files, key{"proposal", id})
	w.records = append(w.records, key{"proposal", id})
	w.entries = append(w.entries, key{"proposal", id})
	q := s.DB.Q(ctx)
	reviews, err := db.Strings(ctx, q, `SELECT id FROM review WHERE proposal_id = $1`, id)
	for _, r := range reviews {
		w.entries = append(w.entries, key{"review", r})
	}
	if err != nil {
		return err
	}
	if err := s.gatherReasons(ctx, w, id); err != nil {
		return err
	}
	awards, err := db.Strings(ctx, q, `SELECT id FROM award WHERE proposal_id = $1`, id)
	for _, a := range awards {
		if err == nil {
			err = s.addAward(ctx, w, a)
		}
	}
	return err
}

// gatherReasons adds the reasons of decisions on a proposal: entries of before told them in full.
func (s *Service) gatherReasons(ctx context.Context, w *whole, proposal string) error {
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (string, error) {
		var decision string
		var reasons lang.Text
		err := r.Scan(&decision, &reasons)
		for _, text := range reasons.By {
			w.named = append(w.named, named{key{"decision", decision}, distinct([]string{text})})
		}
		return decision, err
	}, `SELECT decision_id, reasons FROM decision_item WHERE proposal_id = $1`, proposal)
	return err
}

// addAward adds an award. What is public of it stays, without the names of those who took part.
func (s *Service) addAward(ctx context.Context, w *whole, id string) error {
	w.subjects = append(w.subjects, subject{kind: "award", key: id})
	w.files = append(w.files, key{"award", id})
	w.records = append(w.records, key{"award", id})
	w.entries = append(w.entries, key{"award", id})
	w.awards = append(w.awards, id)
	names, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT lead_name FROM award WHERE id = $1 UNION SELECT name FROM award_party WHERE award_id = $1
		UNION SELECT m.name FROM proposal_member m JOIN award w ON w.proposal_id = m.proposal_id WHERE w.id = $1`, id)
	w.named = append(w.named, named{key{"award", id}, distinct(names)})
	return err
}

// gatherAward adds an award, with its proposal where it has one.
func (s *Service) gatherAward(ctx context.Context, w *whole, id string) error {
	proposals, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT proposal_id FROM award WHERE id = $1 AND proposal_id IS NOT NULL`, id)
	if err != nil || len(proposals) == 0 {
		return errors.Join(err, s.addAward(ctx, w, id))
	}
	return s.gatherProposal(ctx, w, proposals[0])
}

// gatherPerson adds a person with their accounts and addresses, and each record that is theirs and that no
// rule keeps. Others in which they took part stay, without them.
func (s *Service) gatherPerson(ctx context.Context, w *whole, by map[Class]Rule, id string) error {
	w.subjects = append(w.subjects, subject{kind: "person", key: id})
	w.records = append(w.records, key{"person", id})
	w.entries = append(w.entries, key{"person", id})
	w.files = append(w.files, key{"person", id})
	w.forget = append(w.forget, id)
	requests, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM data_request WHERE person_id = $1 UNION SELECT id FROM mailed_request WHERE person_id = $1`, id)
	if err != nil {
		return err
	}
	for _, r := range requests {
		w.files = append(w.files, key{"request", r})
	}
	accounts, err := s.identify(ctx, w, id)
	if err != nil {
		return err
	}
	if err := s.others(ctx, w, id); err != nil {
		return err
	}
	if err := s.gatherOrders(ctx, w, id); err != nil {
		return err
	}
	units, err := s.unitsOf(ctx, id, accounts, w.keys("address"))
	if err != nil {
		return err
	}
	now := clock.Now(ctx)
	for _, u := range units {
		rule := by[u.class]
		switch {
		case u.part == "reviewed":
			w.named = append(w.named, named{key{"proposal", u.id}, w.names})
		case u.class.binding() && !rule.over(u.start, now):
			w.kept = append(w.kept, Kept{u.kind, u.id, u.number, u.class, rule.until(u.start)})
			public, failed := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM award WHERE id = $1 OR proposal_id = $1`, u.id)
			w.awards, err = append(w.awards, public...), errors.Join(err, failed) // their names are public no more
		case u.part == "member" && !u.class.binding(): // a draft; what was submitted, and need not be kept any more, goes as a whole
			w.subjects = append(w.subjects, subject{"member", id, u.id})
			w.named = append(w.named, named{key{"proposal", u.id}, w.names})
		case u.kind == "award":
			err = errors.Join(err, s.addAward(ctx, w, u.id))
		default:
			err = errors.Join(err, s.gatherProposal(ctx, w, u.id))
		}
	}
	return err
}

// gatherOrders adds why a person was or is to be erased, or was held: it stays, without their name.
func (s *Service) gatherOrders(ctx context.Context, w *whole, id string) error {
	for _, table := range []string{"erasure", "legal_hold"} {
		list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT id FROM `+table+` WHERE subject_kind = 'person' AND subject_id = $1`, id)
		if err != nil {
			return err
		}
		for _, one := range list {
			w.named = append(w.named, named{key{table, one}, w.names})
		}
	}
	return nil
}

// gatherAccount adds an account that stands for no person, with its address.
func (s *Service) gatherAccount(ctx context.Context, w *whole, id string) error {
	var email string
	if err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT email FROM account WHERE id = $1`, id).Scan(&email); err != nil {
		return err
	}
	w.subjects = append(w.subjects, subject{kind: "account", key: id}, subject{kind: "address", key: email})
	w.entries, w.forget, w.words = append(w.entries, key{"account", id}), append(w.forget, id), distinct([]string{email})
	return nil
}

// identify finds by what texts could name a person, and adds accounts and addresses.
func (s *Service) identify(ctx context.Context, w *whole, id string) (accounts []string, err error) {
	q := s.DB.Q(ctx)
	var given, family, name, email, orcid string
	if err := q.QueryRowContext(ctx, `SELECT given_name, family_name, name, email, COALESCE(orcid, '') FROM person WHERE id = $1`, id).Scan(&given, &family, &name, &email, &orcid); err != nil {
		return nil, err
	}
	addresses := []string{email}
	more, err := db.Rows(ctx, q, func(r *sql.Rows) (v [2]string, err error) { return v, r.Scan(&v[0], &v[1]) }, `SELECT id, email FROM account WHERE person_id = $1
		UNION SELECT '', email FROM proposal_member WHERE person_id = $1 UNION SELECT '', email FROM mailed_request WHERE person_id = $1`, id)
	if err != nil {
		return nil, err
	}
	for _, m := range more {
		addresses = append(addresses, m[1])
		if m[0] == "" {
			continue
		}
		accounts = append(accounts, m[0])
		w.subjects = append(w.subjects, subject{kind: "account", key: m[0]})
		w.entries = append(w.entries, key{"account", m[0]})
		w.forget = append(w.forget, m[0])
	}
	for _, address := range addresses {
		w.words = append(w.words, address, strings.ToLower(address))
		w.subjects = append(w.subjects, subject{kind: "address", key: strings.ToLower(address)})
	}
	w.words = distinct(append(w.words, orcid))
	former, err := db.Strings(ctx, q, formerNames, id)
	if err != nil {
		return nil, err
	}
	w.names = distinct(append([]string{name, given + " " + family, family + " " + given, family + ", " + given}, former...))
	w.subjects = slices.DeleteFunc(w.subjects, func(s subject) bool { return s.key == "" })
	slices.SortStableFunc(w.subjects, func(a, b subject) int { return strings.Compare(a.kind, b.kind) })
	w.subjects = slices.Compact(w.subjects)
	return accounts, nil
}

// formerNames are the names that person $1 had where they took part: what was written then keeps them.
const formerNames = `SELECT name FROM proposal_member WHERE person_id = $1 UNION SELECT lead_name FROM award WHERE lead_person = $1 UNION SELECT name FROM award_party WHERE person_id = $1
	UNION SELECT t.by_name FROM (SELECT by_account, by_name FROM similar_verdict UNION ALL SELECT by_account, by_name FROM proposal_risk UNION ALL SELECT by_account, by_name FROM proposal_bottleneck
		UNION ALL SELECT by_account, by_name FROM decision_scenario UNION ALL SELECT account_id, by_name FROM decision_dissent) t JOIN account a ON a.id = t.by_account WHERE a.person_id = $1 ORDER BY 1`

// others finds who else has the person's name, or a longer one with it inside: people of the register, and those in a team
// under an address of their own.
func (s *Service) others(ctx context.Context, w *whole, id string) error {
	in, addresses := db.In(2, w.keys("address"))
	for _, word := range w.names {
		at := fmt.Sprintf("$%d", len(addresses)+2)
		list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT name FROM person WHERE id <> $1 AND state <> 'erased' AND name <> replace(name, `+at+`, '')
			UNION SELECT name FROM proposal_member WHERE COALESCE(person_id, '') <> $1 AND email <> '' AND lower(email) NOT IN `+in+` AND name <> replace(name, `+at+`, '')`,
			slices.Concat([]any{id}, addresses, []any{word})...)
		if err != nil {
			return err
		}
		for _, name := range list {
			if slices.Contains(w.names, name) {
				w.namesake = true
			} else {
				w.longer = append(w.longer, name)
			}
		}
	}
	return nil
}

// keys are those of the subjects of a kind.
func (w whole) keys(kind string) (list []string) {
	for _, s := range w.subjects {
		if s.kind == kind {
			list = append(list, s.key)
		}
	}
	return list
}

// shortest is the fewest letters by which a text is searched for somebody.
const shortest = 2

// distinct are the words that are long enough to be looked for, each once.
func distinct(words []string) (out []string) {
	for _, w := range words {
		w = strings.Trim(w, " ,")
		if len([]rune(w)) >= shortest && w != erased && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// unit is a proposal or award with the class that keeps it and when its time began.
type unit struct {
	kind, id, number, agency string
	class                    Class
	start                    time.Time
	part                     string // whose it is for the person asked about: lead, member, reviewed (or asked by mail to join, and never did)
}

// unitsOf lists the records in which a person took part: proposals, and awards that came without one. Who was asked by
// mail to join a team and has not answered is in it by address only.
func (s *Service) unitsOf(ctx context.Context, person string, accounts, addresses []string) ([]unit, error) {
	in, args := db.In(2, accounts)
	asked, more := db.In(2+len(args), addresses)
	list, err := db.Rows(ctx, s.DB.Q(ctx), scanUnit, `SELECT `+proposalUnit+`,
			CASE WHEN p.lead_person = $1 OR (p.lead_person IS NULL AND p.created_by IN `+in+`) THEN 'lead'
				WHEN EXISTS (SELECT 1 FROM proposal_member m WHERE m.proposal_id = p.id AND m.person_id = $1) OR `+joinedAward+` THEN 'member' ELSE 'reviewed' END
		FROM proposal p JOIN call c ON c.id = p.call_id
		WHERE p.lead_person = $1 OR p.id IN (SELECT proposal_id FROM proposal_member WHERE person_id = $1 OR person_id IS NULL AND lower(email) IN `+asked+`)
			OR p.id IN (SELECT proposal_id FROM review WHERE reviewer_person = $1) OR `+joinedAward+` OR (p.lead_person IS NULL AND p.created_by IN `+in+`)
		ORDER BY p.number`, slices.Concat([]any{person}, args, more)...)
	if err != nil {
		return nil, err
	}
	alone, err := db.Rows(ctx, s.DB.Q(ctx), scanUnit, `SELECT 'award', w.id, w.number, COALESCE(w.agency_id, ''), w.state, 1, NULL, NULL, w.created_at, COALESCE(`+lastDay+`, ''), 1,
			CASE WHEN w.lead_person = $1 THEN 'lead' ELSE 'member' END FROM award w
		WHERE w.proposal_id IS NULL AND (w.lead_person = $1 OR w.id IN (SELECT award_id FROM award_party WHERE person_id = $1)) ORDER BY w.number`, person)
	return append(list, alone...), err
}

// joinedAward is the condition that person $1 came to the award of proposal p, perhaps after it was signed.
const joinedAward = `p.id IN (SELECT w.proposal_id FROM award w LEFT JOIN award_party y ON y.award_id = w.id WHERE w.proposal_id IS NOT NULL AND (w.lead_person = $1 OR y.person_id = $1))`

// lastDay is that of an award w; one that was taken in without one, as old lists have them, is over when its year is.
const lastDay = `COALESCE(w.end_day, CASE WHEN w.source <> '' AND w.year > 0 THEN CAST(w.year AS TEXT) || '-12-31' END)`

// proposalUnit are the columns of scanUnit but the last, for a proposal p of call c. What was submitted to a call that was
// cancelled will never be decided, and counts as withdrawn.
const proposalUnit = `'proposal', p.id, p.number, p.agency_id, CASE WHEN p.state <> 'draft' AND c.state = 'cancelled' THEN 'withdrawn' ELSE p.state END, CASE WHEN p.submitted_at IS NULL THEN 0 ELSE 1 END, p.decided_at, c.closes_at, p.created_at,
	COALESCE((SELECT max(` + lastDay + `) FROM award w WHERE w.proposal_id = p.id), ''), (SELECT count(*) FROM award w WHERE w.proposal_id = p.id)`

func scanUnit(r *sql.Rows) (u unit, err error) {
	var state, end string
	var submitted bool
	var awards int64
	var decided, closes, created time.Time
	if err = r.Scan(&u.kind, &u.id, &u.number, &u.agency, &state, &submitted, db.Time(&decided), db.Time(&closes), db.Time(&created), &end, &awards, &u.part); err != nil {
		return u, err
	}
	over := state == "withdrawn" || state == "ineligible"
	switch {
	case awards > 0:
		u.class = Award
		u.start, _ = time.Parse(time.DateOnly, end) // an award without a last day has not begun to count
	case !submitted && state == "draft":
		if u.class, u.start = Draft, closes; u.start.IsZero() {
			u.start = created
		}
	default:
		if u.class, u.start = Unfunded, decided; u.start.IsZero() && over {
			if u.start = closes; closes.IsZero() {
				u.start = created
			}
		}
	}
	return u, nil
}

// keptProposals are the keys of the proposals that rules keep.
func (w whole) keptProposals() (ids []string) {
	for _, k := range w.kept {
		if k.Kind == "proposal" {
			ids = append(ids, k.ID)
		}
	}
	return ids
}
