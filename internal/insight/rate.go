package insight

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/vocabulary"
)

// z is the point of the normal distribution that leaves 2.5 per cent above it: intervals are of 95 per cent.
const z = 1.959963984540054

// Interval is the score interval of a share of n in which k were seen: Wilson (1927),
// J. Am. Stat. Assoc. 22, p. 209. It stays within 0 and 1 and holds for few as for many.
// Without any observation it is everything, 0 to 1.
func Interval(k, n int64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	size := float64(n)
	p := float64(k) / size
	mid := (p + z*z/(2*size)) / (1 + z*z/size)
	half := z / (1 + z*z/size) * math.Sqrt(p*(1-p)/size+z*z/(4*size*size))
	return max(0, mid-half), min(1, mid+half)
}

// Agency is what came of the decided calls of one agency.
type Agency struct {
	ID                       string
	Name                     lang.Text
	Calls, Submitted, Funded int64
	Days                     float64 // mean over proposals of calls whose dates are known; 0 where none is
	HoursAsked               float64 // over all submitted proposals, by the calls' own estimates
}

// ByAgency sums decided calls by agency, the one with most proposals first. Calls whose figures are withheld are left out: a sum with
// them, less those that are shown, would be theirs.
func ByAgency(calls []Call) []Agency {
	by, timed := map[string]*Agency{}, map[string]int64{}
	for _, c := range calls {
		if c.Withheld {
			continue
		}
		a := by[c.AgencyID]
		if a == nil {
			a = &Agency{ID: c.AgencyID, Name: c.Agency}
			by[c.AgencyID] = a
		}
		a.Calls, a.Submitted, a.Funded = a.Calls+1, a.Submitted+c.Submitted, a.Funded+c.Funded
		a.HoursAsked += c.HoursAsked * float64(c.Submitted)
		if c.Days > 0 {
			a.Days += c.Days * float64(c.Submitted)
			timed[c.AgencyID] += c.Submitted
		}
	}
	out := make([]Agency, 0, len(by))
	for id, a := range by {
		if timed[id] > 0 {
			a.Days /= float64(timed[id])
		}
		out = append(out, *a)
	}
	slices.SortFunc(out, func(a, b Agency) int { return cmp.Or(cmp.Compare(b.Submitted, a.Submitted), cmp.Compare(a.ID, b.ID)) })
	return out
}

// Balance is how many public awards serve each orientation, through a priority that the
// award or its call is linked to. An award that serves two counts in both; All counts each once.
type Balance struct {
	Awards map[string]int64 // by orientation
	Linked int64            // awards that serve any
	All    int64            // public awards
}

// Orientations counts the balance over the four orientations. Two queries.
func (s *Service) Orientations(ctx context.Context) (Balance, error) {
	b := Balance{Awards: map[string]int64{}}
	now := db.At(clock.Now(ctx))
	const served = `FROM (SELECT w.id AS award, l.priority_id AS priority FROM priority_link l JOIN award w ON w.id = l.subject_id WHERE l.subject_kind = 'award' AND w.public_at <= $1
		UNION SELECT w.id, l.priority_id FROM priority_link l JOIN award w ON w.call_id = l.subject_id WHERE l.subject_kind = 'call' AND w.public_at <= $1) v
		JOIN priority p ON p.id = v.priority WHERE p.orientation <> '' AND p.state <> 'draft'`
	type line struct {
		orientation string
		n           int64
	}
	lines, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (l line, err error) { return l, r.Scan(&l.orientation, &l.n) },
		`SELECT p.orientation, count(DISTINCT v.award) `+served+` GROUP BY p.orientation`, now)
	if err != nil {
		return b, err
	}
	for _, l := range lines {
		b.Awards[l.orientation] = l.n
	}
	return b, s.DB.Q(ctx).QueryRowContext(ctx, `SELECT (SELECT count(DISTINCT v.award) `+served+`), (SELECT count(*) FROM award WHERE public_at <= $1)`, now).Scan(&b.Linked, &b.All)
}

// Field is how many proposals of decided calls and how many public awards are in one field of research.
type Field struct {
	Code      string // "" for those that say none
	Label     lang.Text
	Awards    int64
	Withheld  bool // what follows is not told
	Submitted int64
	Funded    int64 // as far as it is public

	unfunded int64
}

// Fields counts by the first level of the fields of research and development (OECD, Frascati Manual 2015),
// in the order of that table, with those that name no field at the end. Proposals are those of the calls of which Decided shows how many
// there are, and of which a field does not tell too few (withhold). Two queries.
func (s *Service) Fields(ctx context.Context) ([]Field, error) {
	terms, err := vocabulary.Terms(ctx, s.DB, vocabulary.Ford)
	if err != nil {
		return nil, err
	}
	counted, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (f Field, err error) {
		return f, r.Scan(&f.Code, &f.Submitted, &f.Funded, &f.unfunded, &f.Awards)
	}, `SELECT f.code, CAST(sum(f.submitted) AS BIGINT), CAST(sum(f.funded) AS BIGINT), CAST(sum(f.unfunded) AS BIGINT), CAST(sum(f.awards) AS BIGINT) FROM (
			SELECT COALESCE(k.code, '') AS code, 1 AS submitted, CASE WHEN `+funded+` THEN 1 ELSE 0 END AS funded, CASE WHEN q.outcome <> 'fund' THEN 1 ELSE 0 END AS unfunded, 0 AS awards FROM proposal q
				LEFT JOIN classification k ON k.subject_kind = 'proposal' AND k.subject_id = q.id AND k.vocabulary = $2
				WHERE q.state NOT IN ('draft', 'withdrawn') AND q.call_id IN (SELECT call_id FROM (`+decided+`) d)
			UNION ALL SELECT COALESCE(k.code, ''), 0, 0, 0, 1 FROM award w
				LEFT JOIN classification k ON k.subject_kind = 'award' AND k.subject_id = w.id AND k.vocabulary = $2 WHERE w.public_at <= $1) f GROUP BY f.code`,
		db.At(clock.Now(ctx)), vocabulary.Ford)
	if err != nil {
		return nil, err
	}
	out := make([]Field, 0, len(terms)+1)
	for _, t := range append(terms, vocabulary.Term{}) {
		f := Field{Code: t.Code}
		if i := slices.IndexFunc(counted, func(c Field) bool { return c.Code == t.Code }); i >= 0 {
			f = counted[i]
		}
		f.Label = t.Label
		out = append(out, f)
	}
	withhold(out)
	return slices.DeleteFunc(out, func(f Field) bool { return f.Code == "" && !f.Withheld && f.Submitted+f.Awards == 0 }), nil
}

// withhold takes the proposals of fields away where one tells of fewer than Fewest without an award: of each that does, of those without
// any, so that a gap does not say that there is somebody, and, as all fields together are known from the calls, of as many more, the
// least first, as leave Fewest together in what is taken away (complementary suppression: Cox, 1980, J. Am. Stat. Assoc. 75, p. 377).
func withhold(list []Field) {
	if !slices.ContainsFunc(list, func(f Field) bool { return f.unfunded < Fewest && f.Submitted > 0 }) {
		return
	}
	order := make([]*Field, len(list))
	for i := range list {
		order[i] = &list[i]
	}
	slices.SortStableFunc(order, func(a, b *Field) int { return cmp.Compare(a.unfunded, b.unfunded) })
	var taken int64
	for _, f := range order {
		if f.unfunded >= Fewest && taken >= Fewest {
			return
		}
		taken += f.unfunded
		f.Withheld, f.Submitted, f.Funded = true, 0, 0
	}
}
