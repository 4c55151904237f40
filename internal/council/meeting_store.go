package council

import (
	"context"
	"database/sql"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// unlessRecused is the end of a condition on items i that leaves out those that the person $2 is recused from.
const unlessRecused = ` AND NOT EXISTS (SELECT 1 FROM council_recusal x WHERE x.item_id = i.id AND x.person_id = $2)`

const meetingColumns = `m.id, m.number, m.body_id, m.day, m.place, m.starts_at, m.ends_at, m.zone, m.link, m.set_at, m.moves, m.state, m.correction, m.version, m.told_at`

func scanMeeting(r *sql.Rows) (m Meeting, err error) {
	return m, r.Scan(&m.ID, &m.Number, &m.BodyID, &m.Day, &m.Place, db.Time(&m.Starts), db.Time(&m.Ends), &m.Zone, &m.Link, db.Time(&m.SetAt), &m.Moves, &m.State, &m.Correction, &m.Version, db.Time(&m.toldAt))
}

func (s *Service) meeting(ctx context.Context, id string) (Meeting, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanMeeting, `SELECT `+meetingColumns+` FROM council_meeting m WHERE m.id = $1`, id))
}

// meetingsOf are a body's meetings, the latest first.
func (s *Service) meetingsOf(ctx context.Context, body string) ([]Meeting, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanMeeting, `SELECT `+meetingColumns+` FROM council_meeting m WHERE m.body_id = $1 ORDER BY m.day DESC, COALESCE(m.starts_at, 0) DESC, m.number DESC`, body)
}

// convened are the meetings of some days to which their members were called and which are not opened yet.
func (s *Service) convened(ctx context.Context, from, until string) ([]Meeting, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanMeeting, `SELECT `+meetingColumns+` FROM council_meeting m WHERE m.state = 'convened' AND m.day >= $1 AND m.day <= $2 ORDER BY m.day, m.number`, from, until)
}

func (s *Service) markTold(ctx context.Context, meeting string) error {
	return s.exec(ctx, `UPDATE council_meeting SET told_at = $2 WHERE id = $1`, meeting, db.At(clock.Now(ctx)))
}

func (s *Service) insertMeeting(ctx context.Context, m Meeting) error {
	return s.exec(ctx, `INSERT INTO council_meeting (id, number, body_id, day, place, starts_at, ends_at, zone, link, set_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		m.ID, m.Number, m.BodyID, m.Day, m.Place, db.At(m.Starts), db.At(m.Ends), m.Zone, m.Link, db.At(m.SetAt), m.State)
}

// moveMeeting writes when and where a meeting is, over the version that was seen.
func (s *Service) moveMeeting(ctx context.Context, m Meeting) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE council_meeting SET day = $3, place = $4, starts_at = $5, ends_at = $6, zone = $7, link = $8, set_at = $9, moves = moves + 1, version = version + 1 WHERE id = $1 AND version = $2`,
		m.ID, m.Version, m.Day, m.Place, db.At(m.Starts), db.At(m.Ends), m.Zone, m.Link, db.At(m.SetAt))
}

// setMeeting moves a meeting from the state that was read.
func (s *Service) setMeeting(ctx context.Context, m Meeting, state, correction string) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE council_meeting SET state = $3, correction = $4, version = version + 1 WHERE id = $1 AND state = $2`, m.ID, m.State, state, correction)
}

// present are the people in attendance.
func (s *Service) present(ctx context.Context, meeting string) (map[string]bool, error) {
	list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT person_id FROM council_present WHERE meeting_id = $1`, meeting)
	return setOf(list), err
}

func setOf(list []string) map[string]bool {
	out := make(map[string]bool, len(list))
	for _, v := range list {
		out[v] = true
	}
	return out
}

func (s *Service) putPresent(ctx context.Context, meeting string, people []string) error {
	if err := s.exec(ctx, `DELETE FROM council_present WHERE meeting_id = $1`, meeting); err != nil {
		return err
	}
	for _, p := range people {
		if err := s.exec(ctx, `INSERT INTO council_present (meeting_id, person_id) VALUES ($1, $2)`, meeting, p); err != nil {
			return err
		}
	}
	return nil
}

const itemColumns = `i.id, i.meeting_id, i.position, i.title, i.background, i.motion, i.secret, i.priority_id, i.priority_state, i.touches, i.refusal, i.days, i.notes, i.outcome, i.version`

func scanItem(r *sql.Rows) (i Item, err error) {
	return i, r.Scan(&i.ID, &i.MeetingID, &i.Position, &i.Title, &i.Background, &i.Motion, &i.Secret, &i.PriorityID, &i.PriorityState, db.FromJSON(&i.Touches), &i.Refusal, &i.Days, &i.Notes, &i.Outcome, &i.Version)
}

func (s *Service) item(ctx context.Context, id string) (Item, error) {
	return db.One(db.Rows(ctx, s.DB.Q(ctx), scanItem, `SELECT `+itemColumns+` FROM council_item i WHERE i.id = $1`, id))
}

func (s *Service) itemsOf(ctx context.Context, meeting string) ([]Item, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanItem, `SELECT `+itemColumns+` FROM council_item i WHERE i.meeting_id = $1 ORDER BY i.position, i.id`, meeting)
}

// itemsOn are the items that carried a motion on a priority, the latest first.
func (s *Service) itemsOn(ctx context.Context, priority string) ([]Item, error) {
	return db.Rows(ctx, s.DB.Q(ctx), scanItem, `SELECT `+itemColumns+` FROM council_item i JOIN council_meeting m ON m.id = i.meeting_id
		WHERE i.priority_id = $1 AND i.outcome = 'carried' ORDER BY m.day DESC, i.id DESC`, priority)
}

func (s *Service) insertItem(ctx context.Context, i Item) error {
	return s.exec(ctx, `INSERT INTO council_item (id, meeting_id, position, title, background, motion, secret, priority_id, priority_state, touches, refusal, days)
		VALUES ($1, $2, (SELECT COALESCE(max(position), 0) + 1 FROM council_item WHERE meeting_id = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		i.ID, i.MeetingID, i.Title, i.Background, i.Motion, db.Bool(i.Secret), i.PriorityID, i.PriorityState, touches(i), i.Refusal, i.Days)
}

func touches(i Item) string {
	if len(i.Touches) == 0 {
		return "[]"
	}
	return db.JSON(i.Touches)
}

func (s *Service) updateItem(ctx context.Context, i Item) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE council_item SET title = $3, background = $4, motion = $5, secret = $6, priority_id = $7, priority_state = $8, touches = $9, refusal = $10, days = $11, version = version + 1 WHERE id = $1 AND version = $2`,
		i.ID, i.Version, i.Title, i.Background, i.Motion, db.Bool(i.Secret), i.PriorityID, i.PriorityState, touches(i), i.Refusal, i.Days)
}

// deleteItem takes an item away with its dossier, the advice that it cites, and who was recused from it.
func (s *Service) deleteItem(ctx context.Context, id string) error {
	for _, q := range []string{`DELETE FROM council_record WHERE item_id = $1`, `DELETE FROM council_recusal WHERE item_id = $1`, `DELETE FROM advice_use WHERE subject_kind = 'item' AND subject_id = $1`, `DELETE FROM council_item WHERE id = $1`} {
		if err := s.exec(ctx, q, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) setOutcome(ctx context.Context, item, outcome string) error {
	return s.exec(ctx, `UPDATE council_item SET outcome = $2, version = version + 1 WHERE id = $1`, item, outcome)
}

func (s *Service) setNotes(ctx context.Context, i Item) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE council_item SET notes = $3, version = version + 1 WHERE id = $1 AND version = $2`, i.ID, i.Version, i.Notes)
}

func (s *Service) recordsOf(ctx context.Context, item string) ([]Record, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Record, err error) {
		return x, r.Scan(&x.Kind, &x.ID, &x.Number, &x.Title, &x.Text, db.Time(&x.FrozenAt), &x.Size, &x.Root)
	}, `SELECT kind, record_id, number, title, text, frozen_at, ledger_size, ledger_root FROM council_record WHERE item_id = $1 ORDER BY kind, number`, item)
}

// putRecord lays a record in a dossier, or lays it anew.
func (s *Service) putRecord(ctx context.Context, item string, x Record) error {
	return s.exec(ctx, `INSERT INTO council_record (item_id, kind, record_id, number, title, text, frozen_at, ledger_size, ledger_root) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (item_id, kind, record_id) DO UPDATE SET number = excluded.number, title = excluded.title, text = excluded.text, frozen_at = excluded.frozen_at, ledger_size = excluded.ledger_size, ledger_root = excluded.ledger_root`,
		item, x.Kind, x.ID, x.Number, x.Title, x.Text, db.At(x.FrozenAt), x.Size, x.Root)
}

func (s *Service) recusals(ctx context.Context, item string) ([]Recusal, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (x Recusal, err error) {
		return x, r.Scan(&x.Person, &x.Name, &x.Reason, db.Time(&x.At))
	}, `SELECT x.person_id, p.name, x.reason, x.at FROM council_recusal x JOIN person p ON p.id = x.person_id WHERE x.item_id = $1 ORDER BY p.name, p.id`, item)
}

// recusedFrom are the items from which a person is recused.
func (s *Service) recusedFrom(ctx context.Context, person string) (map[string]bool, error) {
	list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT item_id FROM council_recusal WHERE person_id = $1`, person)
	return setOf(list), err
}

// recusedAt are the people who are recused from an item of a meeting.
func (s *Service) recusedAt(ctx context.Context, meeting string) (map[string]bool, error) {
	list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT DISTINCT x.person_id FROM council_recusal x JOIN council_item i ON i.id = x.item_id WHERE i.meeting_id = $1`, meeting)
	return setOf(list), err
}

func (s *Service) insertRecusal(ctx context.Context, item, person, reason string) error {
	return s.exec(ctx, `INSERT INTO council_recusal (item_id, person_id, reason, at) VALUES ($1, $2, $3, $4)`, item, person, reason, db.At(clock.Now(ctx)))
}

// votes are the votes on an item by round. How people voted is told once a vote is closed.
func (s *Service) votes(ctx context.Context, item string) ([]Vote, error) {
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (v Vote, err error) {
		return v, r.Scan(&v.ID, &v.ItemID, &v.Round, &v.Secret, db.FromJSON(&v.Rule), db.FromJSON(&v.Places), &v.counted.For, &v.counted.Against, &v.counted.Abstain, db.FromJSON(&v.Result), db.Time(&v.OpenedAt), db.Time(&v.ClosedAt))
	}, `SELECT id, item_id, round, secret, rule, places, for_count, against_count, abstain_count, result, opened_at, closed_at FROM council_vote WHERE item_id = $1 ORDER BY round`, item)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Ballots, err = s.ballots(ctx, list[i].ID); err != nil {
			return nil, err
		}
		list[i].Cast = len(list[i].Ballots)
	}
	return list, nil
}

func (s *Service) ballots(ctx context.Context, vote string) ([]Ballot, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (b Ballot, err error) {
		return b, r.Scan(&b.Person, &b.Name, &b.Choice)
	}, `SELECT b.person_id, p.name, b.choice FROM council_ballot b JOIN person p ON p.id = b.person_id WHERE b.vote_id = $1 ORDER BY p.name, p.id`, vote)
}

// openVote is a vote that can be cast, with its item.
type openVote struct {
	item Item
	vote Vote
}

// uncast are the open votes in which a person has not voted, without those on items that
// they are recused from.
func (s *Service) uncast(ctx context.Context, person string) ([]openVote, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (o openVote, err error) {
		return o, r.Scan(&o.item.ID, &o.item.Title, &o.vote.ID, db.FromJSON(&o.vote.Places))
	}, `SELECT i.id, i.title, v.id, v.places FROM council_vote v JOIN council_item i ON i.id = v.item_id WHERE v.closed_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM council_recusal x WHERE x.item_id = i.id AND x.person_id = $1) AND NOT EXISTS (SELECT 1 FROM council_ballot b WHERE b.vote_id = v.id AND b.person_id = $1)
		ORDER BY v.opened_at, v.id`, person)
}

func (s *Service) insertVote(ctx context.Context, v Vote) error {
	return s.exec(ctx, `INSERT INTO council_vote (id, item_id, round, secret, rule, places, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		v.ID, v.ItemID, v.Round, db.Bool(v.Secret), db.JSON(v.Rule), db.JSON(v.Places), db.At(v.OpenedAt))
}

// insertBallot casts a vote; of a secret one it only counts which way.
func (s *Service) insertBallot(ctx context.Context, v Vote, person, choice string) error {
	if v.Secret {
		column := map[string]string{For: "for_count", Against: "against_count", Abstain: "abstain_count"}[choice]
		if err := s.exec(ctx, `UPDATE council_vote SET `+column+` = `+column+` + 1 WHERE id = $1`, v.ID); err != nil {
			return err
		}
		choice = ""
	}
	return s.exec(ctx, `INSERT INTO council_ballot (vote_id, person_id, choice) VALUES ($1, $2, $3)`, v.ID, person, choice)
}

func (s *Service) closeVote(ctx context.Context, v Vote) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE council_vote SET result = $2, closed_at = $3 WHERE id = $1 AND closed_at IS NULL`, v.ID, db.JSON(v.Result), db.At(clock.Now(ctx)))
}

// voting reports whether a vote of a meeting is open.
func (s *Service) voting(ctx context.Context, meeting string) (bool, error) {
	list, err := db.Strings(ctx, s.DB.Q(ctx), `SELECT v.id FROM council_vote v JOIN council_item i ON i.id = v.item_id WHERE i.meeting_id = $1 AND v.closed_at IS NULL`, meeting)
	return len(list) > 0, err
}

// conditions are those that fit, what is due first.
func (s *Service) conditions(ctx context.Context, where string, args ...any) ([]Condition, error) {
	return db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (c Condition, err error) {
		return c, r.Scan(&c.ID, &c.ItemID, &c.Person, &c.Name, &c.Text, &c.Due, &c.State, &c.Report, &c.Answer, &c.Version, &c.Body, &c.BodyID, &c.Meeting)
	}, `SELECT c.id, c.item_id, c.person_id, p.name, c.text, c.due_day, c.state, c.report, c.answer, c.version, b.name, b.id, m.number
		FROM council_condition c JOIN person p ON p.id = c.person_id JOIN council_item i ON i.id = c.item_id JOIN council_meeting m ON m.id = i.meeting_id JOIN council_body b ON b.id = m.body_id
		WHERE `+where+` ORDER BY c.due_day, c.id`, args...)
}

func (s *Service) insertCondition(ctx context.Context, c Condition) error {
	return s.exec(ctx, `INSERT INTO council_condition (id, item_id, text, person_id, due_day, state) VALUES ($1, $2, $3, $4, $5, $6)`, c.ID, c.ItemID, c.Text, c.Person, c.Due, c.State)
}

func (s *Service) setCondition(ctx context.Context, c Condition) error {
	return db.Change(ctx, s.DB.Q(ctx), `UPDATE council_condition SET state = $3, report = $4, answer = $5, version = version + 1 WHERE id = $1 AND version = $2`, c.ID, c.Version, c.State, c.Report, c.Answer)
}

// editions are the approved minutes of a meeting, the newest first: it is the one in force.
func (s *Service) editions(ctx context.Context, meeting string) ([]Edition, error) {
	list, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (e Edition, err error) {
		return e, r.Scan(&e.ID, &e.MeetingID, &e.Number, db.FromJSON(&e.Minutes), &e.Hash, &e.Correction, &e.ApprovedBy, &e.Name, db.Time(&e.ApprovedAt))
	}, `SELECT e.id, e.meeting_id, e.edition, e.body, e.hash, e.correction, e.approved_by, p.name, e.approved_at FROM council_minutes e JOIN person p ON p.id = e.approved_by WHERE e.meeting_id = $1 ORDER BY e.edition DESC`, meeting)
	for i := range list {
		list[i].Superseded = i > 0
	}
	return list, err
}

func (s *Service) insertEdition(ctx context.Context, e Edition, body string) error {
	return s.exec(ctx, `INSERT INTO council_minutes (id, meeting_id, edition, body, hash, correction, approved_by, approved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.ID, e.MeetingID, e.Number, body, e.Hash, e.Correction, e.ApprovedBy, db.At(e.ApprovedAt))
}
