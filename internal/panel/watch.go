package panel

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/db"
)

// Watch tells one viewer whether a panel changed: a stamp that is made of what they may know of alone, so that an item from which a
// conflict keeps them neither changes it nor makes anybody draw their page anew. It is for the looks of one request, one after the other.
type Watch struct {
	of     *Service
	a      access.Actor
	id     string
	known  string          // of which items and conflicts hidden was made
	hidden map[string]bool // proposals
}

// Watch begins to watch a panel for a, whose right to see it the caller has asked for.
func (s *Service) Watch(a access.Actor, id string) *Watch { return &Watch{of: s, a: a, id: id} }

// Stamp changes whenever something changed that the panel's pages may show to the viewer. Whom a conflict that no one declared keeps away
// is found when the panel's items change; a page that is drawn asks by itself. Six queries by key, three more where it changed.
func (w *Watch) Stamp(ctx context.Context) (string, error) {
	p, err := w.of.byID(ctx, w.id)
	if err != nil {
		return "", err
	}
	items, err := w.seen(ctx, p)
	if err != nil {
		return "", err
	}
	members, err := w.of.members(ctx, w.id)
	if err != nil {
		return "", err
	}
	scores, err := w.of.scores(ctx, w.id)
	if err != nil {
		return "", err
	}
	marks, err := w.of.marks(ctx, w.id)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, p.Name, p.State, p.Quorum, p.MeetsAt.UnixMicro(), p.BeganAt.UnixMicro(), p.EndedAt.UnixMicro(), db.JSON(members))
	for _, i := range items { // in their order: the number of a place would tell of hidden ones
		i.Place = 0
		fmt.Fprintln(h, db.JSON(i), p.Current == i.ID, marks[i.ID])
		for _, v := range scores {
			if v.Item == i.ID {
				fmt.Fprintln(h, db.JSON(v))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// seen are the items of which the viewer may know, in their order.
func (w *Watch) seen(ctx context.Context, p Panel) ([]Item, error) {
	items, err := w.of.items(ctx, `i.panel_id = $1`, w.id)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(items, byPlace)
	people := w.a.People()
	if len(people) == 0 {
		return items, nil
	}
	known, err := w.of.declared(ctx, people)
	if err != nil {
		return nil, err
	}
	proposals := make([]string, len(items))
	for i, item := range items {
		proposals[i] = item.ProposalID
	}
	slices.Sort(proposals)
	if known += fmt.Sprint(proposals); known != w.known {
		barred, err := w.of.Reviews.Barred(ctx, p.CallID, p.Stage, people)
		if err != nil {
			return nil, err
		}
		w.known, w.hidden = known, map[string]bool{}
		for pair := range barred {
			if slices.Contains(people, pair[1]) {
				w.hidden[pair[0]] = true
			}
		}
	}
	return slices.DeleteFunc(items, func(i Item) bool { return w.hidden[i.ProposalID] }), nil
}

// declared changes with the conflicts that some people have on record.
func (s *Service) declared(ctx context.Context, people []string) (string, error) {
	in, args := db.In(1, people)
	var n int64
	err := s.DB.Q(ctx).QueryRowContext(ctx, `SELECT count(*) FROM conflict WHERE person_id IN `+in, args...).Scan(&n)
	return strconv.FormatInt(n, 10), err
}

// marks change, for each item of a panel, with what is said of it, the reviews of its proposal, and who of the members has a conflict with it.
func (s *Service) marks(ctx context.Context, id string) (map[string]string, error) {
	out := map[string]string{}
	_, err := db.Rows(ctx, s.DB.Q(ctx), func(r *sql.Rows) (struct{}, error) {
		var item string
		var said, submitted, open, conflicts int64
		err := r.Scan(&item, &said, &submitted, &open, &conflicts)
		out[item] = fmt.Sprint(said, submitted, open, conflicts)
		return struct{}{}, err
	}, `SELECT i.id, (SELECT count(*) FROM panel_comment c WHERE c.item_id = i.id),
		(SELECT count(*) FROM review r WHERE r.proposal_id = i.proposal_id AND r.stage = i.stage AND r.state = 'submitted'),
		(SELECT count(*) FROM review r WHERE r.proposal_id = i.proposal_id AND r.stage = i.stage AND r.state IN ('invited', 'accepted')),
		(SELECT count(*) FROM conflict f JOIN panel_member m ON m.person_id = f.person_id AND m.panel_id = i.panel_id WHERE f.subject_kind = 'proposal' AND f.subject_id = i.proposal_id)
		FROM panel_item i WHERE i.panel_id = $1`, id)
	return out, err
}
