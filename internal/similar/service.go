package similar

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/headwater-platform/headwater/engine/duplicate"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Service compares. Each process keeps an index of its own, made when it is first
// asked for (some ten seconds for 100,000 records) and brought up to date each time.
type Service struct {
	DB      *db.DB
	Ledger  *ledger.Ledger
	Schemes *scheme.Service

	Conflicted access.Conflicted // finds proposals

	mu     sync.RWMutex
	index  *duplicate.Index
	newest map[string]string // record → its key in the index
	until  time.Time         // submissions before it are in the index
	size   int               // what counts said when the index was looked through last
}

func (r Record) name() string { return r.Kind + " " + r.ID }

func (r Record) key() string { return fmt.Sprintf("%s %d", r.name(), r.version) }

// Of compares a proposal that was handed in with all records that a may see.
// Errors: NotFound for who may not know of the proposal, and for a draft.
func (s *Service) Of(ctx context.Context, a access.Actor, id string) (Comparison, error) {
	var c Comparison
	conflicted, err := s.Conflicted.Of(ctx, a)
	if err != nil {
		return c, err
	}
	if conflicted[id] {
		return c, fault.Missing()
	}
	if c.Asked, err = s.asked(ctx, a, id); err != nil {
		return c, err
	}
	c.MayJudge = c.Asked.check(a, "similar.judge") == nil
	if err := s.refresh(ctx); err != nil {
		return c, err
	}
	v := viewer{Actor: a, asked: c.Asked, conflicted: conflicted, records: map[string]Record{}}
	if v.shared, err = s.shares(ctx, c.Asked.agency); err != nil {
		return c, err
	}
	found, err := s.find(ctx, &v)
	if err != nil {
		return c, err
	}
	verdicts, err := s.verdicts(ctx, id)
	if err != nil {
		return c, err
	}
	for _, f := range found {
		m := v.match(f)
		m.Verdict, m.NewVersion = verdicts[m.name()], m.Kind == Proposal && m.ID == c.Asked.revises
		c.Matches = append(c.Matches, m)
	}
	return c, nil
}

// asked is the proposal that is compared, for who may read the comparison.
func (s *Service) asked(ctx context.Context, a access.Actor, id string) (Record, error) {
	list, err := s.proposals(ctx, []string{id})
	if err != nil {
		return Record{}, err
	}
	if len(list) == 0 || list[0].State == "draft" {
		return Record{}, fault.Missing()
	}
	return list[0], list[0].check(a, "similar.read")
}

func (s *Service) find(ctx context.Context, v *viewer) ([]duplicate.Match, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.index.Find(ctx, v.asked.entry(), func(ctx context.Context, keys []string) ([]duplicate.Record, error) {
		return s.source(ctx, v, keys)
	})
}

// source gives the engine what the viewer may have compared; of a record that was
// submitted again only the newest text.
func (s *Service) source(ctx context.Context, v *viewer, keys []string) ([]duplicate.Record, error) {
	ids := map[string][]string{}
	for _, key := range keys {
		kind, rest, _ := strings.Cut(key, " ")
		id, _, _ := strings.Cut(rest, " ")
		if s.newest[kind+" "+id] == key {
			ids[kind] = append(ids[kind], id)
		}
	}
	var out []duplicate.Record
	for _, kind := range []string{Proposal, Award} {
		list, err := s.read(ctx, kind, ids[kind])
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if r.State == "withdrawn" || r.own(v.asked) || !v.may(r) {
				continue
			}
			v.records[r.key()] = r
			out = append(out, r.entry())
		}
	}
	return out, nil
}

// viewer is who asks, about what, and what was read for it.
type viewer struct {
	access.Actor
	asked   Record
	shared  []string // agencies that let this one know of their proposals
	records map[string]Record

	conflicted map[string]bool
}

// may reports whether the viewer may have r compared: a conflict of interest with a proposal ends what a role and what an
// agreement of agencies would show of it and of what it was given.
func (v *viewer) may(r Record) bool {
	if !r.public && (v.conflicted[r.ID] || v.conflicted[r.proposal]) {
		return false
	}
	return r.may(v.Actor) || r.Kind == Proposal && slices.Contains(v.shared, r.agency)
}

// match is a match as the viewer may see it. Of a proposal of another agency an
// agreement discloses that it is there, of whom, and how much of this one stands in
// it; its own words stay with its agency.
func (v viewer) match(m duplicate.Match) Match {
	r := v.records[m.ID]
	out := Match{Record: r, Copied: m.Copied, Of: m.Of, TitleLike: m.Title, Undisclosed: !r.may(v.Actor)}
	for _, p := range r.team {
		if slices.Contains(m.People, p.key) {
			out.People = append(out.People, p.name)
		}
	}
	if out.Undisclosed {
		out.Title = lang.Text{}
	}
	for _, p := range m.Passages {
		one := Passage{Here: v.asked.texts[p.Here.Text][p.Here.Start:p.Here.End], HereLabel: v.asked.Labels[p.Here.Text], Words: p.Words}
		if !out.Undisclosed {
			one.There, one.ThereLabel = r.texts[p.There.Text][p.There.Start:p.There.End], r.Labels[p.There.Text]
		}
		out.Passages = append(out.Passages, one)
	}
	return out
}

// refresh brings the index up to date: with what was submitted since, and with all
// that is new where there are more records than before.
func (s *Service) refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.index == nil {
		s.index, s.newest = duplicate.New(), map[string]string{}
	}
	now := clock.Now(ctx)
	again, err := s.submittedSince(ctx, s.until)
	if err != nil {
		return err
	}
	if err := s.put(ctx, Proposal, again); err != nil {
		return err
	}
	size, err := s.counts(ctx)
	if err != nil {
		return err
	}
	if size != s.size {
		if err := s.putNew(ctx); err != nil {
			return err
		}
	}
	s.size, s.until = size, now
	return nil
}

// putNew adds every record that the index does not hold.
func (s *Service) putNew(ctx context.Context) error {
	for _, kind := range []string{Proposal, Award} {
		ids, err := s.keys(ctx, kind)
		if err != nil {
			return err
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return s.newest[kind+" "+id] != "" })
		for some := range slices.Chunk(ids, 400) {
			if err := s.put(ctx, kind, some); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) put(ctx context.Context, kind string, ids []string) error {
	list, err := s.read(ctx, kind, ids)
	if err != nil {
		return err
	}
	for _, r := range list {
		if s.newest[r.name()] == r.key() {
			continue
		}
		if err := s.index.Add(r.entry()); err != nil {
			return err
		}
		s.newest[r.name()] = r.key()
	}
	return nil
}

// Judge records what a decided of a match, with the reason.
// Errors: NotFound where a does not see such a match; Invalid without a verdict or a reason.
func (s *Service) Judge(ctx context.Context, a access.Actor, id, kind, other, verdict, reason string) error {
	c, err := s.Of(ctx, a, id)
	if err != nil {
		return err
	}
	if err := c.Asked.check(a, "similar.judge"); err != nil {
		return err
	}
	at := slices.IndexFunc(c.Matches, func(m Match) bool { return m.Kind == kind && m.ID == other })
	if at < 0 {
		return fault.Missing()
	}
	if verdict != Same && verdict != Different {
		return fault.Field("verdict", "fault.choice")
	}
	if reason == "" {
		return fault.Field("reason", "fault.required")
	}
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.insertVerdict(ctx, a, id, kind, other, verdict, reason); err != nil {
			return err
		}
		_, err := s.Ledger.Append(ctx, a, ledger.Entry{Act: "similar.judge", Kind: Proposal, ID: id, Agency: c.Asked.agency, Why: reason,
			Payload: map[string]string{"kind": kind, "number": c.Matches[at].Number, "verdict": verdict}})
		return err
	})
}
