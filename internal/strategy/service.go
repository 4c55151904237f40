package strategy

import (
	"context"
	"sort"
	"strconv"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/ledger"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/register"
)

// Service is the only way to priorities, needs and questions.
type Service struct {
	DB       *db.DB
	Ledger   *ledger.Ledger
	Register *register.Service
	Subjects Subjects // calls and awards that are linked; nil shows none
	Council  Council  // nil: officers decide on priorities
}

// Filter narrows a list of needs or questions.
type Filter struct {
	Text, State, Orientation, Agency string
	Page, Size                       int
}

// Tree is every priority that a may see, goals first, in the order of their
// numbers (2.10 after 2.9). Counts are of links, of those below included.
func (s *Service) Tree(ctx context.Context, a access.Actor) ([]*Node, error) {
	all, err := s.priorities(ctx)
	if err != nil {
		return nil, err
	}
	links, err := s.links(ctx)
	if err != nil {
		return nil, err
	}
	seen, err := s.seen(ctx, a, links)
	if err != nil {
		return nil, err
	}
	nodes := map[string]*Node{}
	for _, p := range all {
		if p.visible(p.set(a)) {
			nodes[p.ID] = &Node{Priority: p}
		}
	}
	var goals []*Node
	for _, p := range all {
		n, parent := nodes[p.ID], nodes[p.ParentID]
		switch {
		case n == nil:
		case parent != nil:
			parent.Children = append(parent.Children, n)
		case p.ParentID == "":
			goals = append(goals, n)
		}
	}
	for _, n := range nodes {
		inOrder(n.Children)
	}
	inOrder(goals)
	hang := map[string][]link{}
	for _, l := range links {
		if seen[link{kind: l.kind, id: l.id}] {
			hang[l.priority] = append(hang[l.priority], l)
		}
	}
	for _, g := range goals {
		g.count(hang)
	}
	return goals, nil
}

// seen says which linked records a may see, so that a count does not tell of a draft.
func (s *Service) seen(ctx context.Context, a access.Actor, links []link) (map[link]bool, error) {
	by := map[string][]string{}
	for _, l := range links {
		by[l.kind] = append(by[l.kind], l.id)
	}
	seen := map[link]bool{}
	for _, kind := range []string{"call", "award"} {
		list, err := s.subjects(ctx, a, kind, by[kind])
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			seen[link{kind: kind, id: r.ID}] = true
		}
	}
	for _, id := range by["question"] {
		q, err := s.question(ctx, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		seen[link{kind: "question", id: id}] = q.visible(q.set(a))
	}
	return seen, nil
}

func (s *Service) subjects(ctx context.Context, a access.Actor, kind string, ids []string) ([]Subject, error) {
	if s.Subjects == nil || len(ids) == 0 {
		return nil, nil
	}
	return s.Subjects.Subjects(ctx, a, kind, ids)
}

// count gathers the distinct records that hang on n and on those below it.
func (n *Node) count(hang map[string][]link) map[link]bool {
	all := map[link]bool{}
	for _, l := range hang[n.ID] {
		all[link{kind: l.kind, id: l.id}] = true
	}
	for _, c := range n.Children {
		for l := range c.count(hang) {
			all[l] = true
		}
	}
	n.Numbers = Numbers{}
	for l := range all {
		switch l.kind {
		case "call":
			n.Numbers.Calls++
		case "award":
			n.Numbers.Awards++
		case "question":
			n.Numbers.Questions++
		}
	}
	return all
}

func inOrder(list []*Node) {
	sort.SliceStable(list, func(i, j int) bool { return before(list[i].Number, list[j].Number) })
}

// before compares numbers part by part, so that 2.10 comes after 2.9.
func before(a, b string) bool {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if x[i] == y[i] {
			continue
		}
		m, errM := strconv.Atoi(x[i])
		n, errN := strconv.Atoi(y[i])
		if errM == nil && errN == nil {
			return m < n
		}
		return x[i] < y[i]
	}
	return len(x) < len(y)
}

// Flat is the tree as a list in reading order.
func Flat(tree []*Node) []*Node {
	var all []*Node
	for _, n := range tree {
		all = append(append(all, n), Flat(n.Children)...)
	}
	return all
}

// Priority is one priority with its way up, what is below it and what is linked to it.
// Errors: NotFound also for a draft of another agency.
func (s *Service) Priority(ctx context.Context, a access.Actor, id string) (PriorityView, error) {
	p, err := s.priority(ctx, id)
	if err != nil {
		return PriorityView{}, err
	}
	have := p.set(a)
	if !p.visible(have) {
		return PriorityView{}, fault.Missing()
	}
	tree, err := s.Tree(ctx, a)
	if err != nil {
		return PriorityView{}, err
	}
	v := PriorityView{Node: Node{Priority: p}, MayEdit: rules.Check(a, "strategy.edit", have, access.Public) == nil,
		MayWrite: p.Target != nil && rules.Check(a, "strategy.measure", have, access.Public) == nil}
	by := map[string]*Node{}
	for _, n := range Flat(tree) {
		by[n.ID] = n
	}
	if n := by[id]; n != nil { // a priority below a draft is not in the tree of who may not see the draft
		v.Node = *n
	}
	for up := by[p.ParentID]; up != nil; up = by[up.ParentID] {
		v.Way = append([]Priority{up.Priority}, v.Way...)
	}
	return v, s.around(ctx, a, &v)
}

func (s *Service) around(ctx context.Context, a access.Actor, v *PriorityView) error {
	for _, kind := range []string{"call", "award"} {
		ids, err := s.linksOf(ctx, v.ID, kind)
		if err != nil {
			return err
		}
		list, err := s.subjects(ctx, a, kind, ids)
		if err != nil {
			return err
		}
		v.Linked = append(v.Linked, list...)
	}
	questions, err := s.questionsFor(ctx, v.ID)
	if err != nil {
		return err
	}
	v.Questions = shown(a, questions)
	names, err := s.Register.Names(ctx, []string{v.OwnerID}, nil)
	if err != nil {
		return err
	}
	v.Owner = names[v.OwnerID]
	v.Agency, err = s.agency(ctx, v.AgencyID)
	return err
}

func shown(a access.Actor, list []Question) []Question {
	var out []Question
	for _, q := range list {
		if q.visible(q.set(a)) {
			out = append(out, q)
		}
	}
	return out
}

func (s *Service) agency(ctx context.Context, id string) (lang.Text, error) {
	if id == "" {
		return lang.Text{}, nil
	}
	all, err := s.Register.Agencies(ctx)
	for _, g := range all {
		if g.ID == id {
			return g.Name, nil
		}
	}
	return lang.Text{}, err
}

// CreatePriority adds a goal (no parent), an area below a goal or a task below an
// area. Officers of the lead agency; those of the platform for what several share.
func (s *Service) CreatePriority(ctx context.Context, a access.Actor, in PriorityInput) (Priority, error) {
	p := Priority{AgencyID: in.AgencyID, Number: in.Number, Version: 1}
	have := p.set(a)
	if err := rules.Check(a, "strategy.edit", have, access.Public); err != nil {
		return p, err
	}
	if err := in.apply(&p); err != nil {
		return p, err
	}
	if p.Reached != nil {
		p.Measured = clock.Now(ctx)
	}
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		if err := s.free(ctx, p.AgencyID, "draft", p.State); err != nil {
			return err
		}
		parent, err := s.parent(ctx, a, in.ParentID)
		if err != nil {
			return err
		}
		if err := p.under(parent); err != nil {
			return err
		}
		if p.Number == "" {
			if p.Number, err = s.nextNumber(ctx, parent); err != nil {
				return err
			}
		}
		p.ID = clock.ID(ctx)
		if err := s.insertPriority(ctx, p); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "strategy.create", Kind: "priority", ID: p.ID, Agency: p.AgencyID, Payload: p})
		return err
	})
	return p, err
}

func (s *Service) parent(ctx context.Context, a access.Actor, id string) (*Priority, error) {
	if id == "" {
		return nil, nil
	}
	p, err := s.priority(ctx, id)
	if err == nil && !p.visible(p.set(a)) {
		err = fault.Missing()
	}
	if fault.Is(err, fault.NotFound) {
		return nil, fault.Field("parent", "fault.choice")
	}
	return &p, err
}

// editable is the priority id for an act of a.
func (s *Service) editable(ctx context.Context, a access.Actor, id string, act access.Act) (Priority, error) {
	p, err := s.priority(ctx, id)
	if err != nil {
		return p, err
	}
	have := p.set(a)
	if !p.visible(have) {
		return p, fault.Missing()
	}
	return p, rules.Check(a, act, have, access.Public)
}

// UpdatePriority writes a priority anew; version is the one that the officer saw.
// Place and number stay as they are. Errors: Conflict for an old version.
func (s *Service) UpdatePriority(ctx context.Context, a access.Actor, id string, version int64, in PriorityInput) (Priority, error) {
	var p Priority
	err := work.Do(ctx, s.DB, func(ctx context.Context) error {
		var err error
		if p, err = s.editable(ctx, a, id, "strategy.edit"); err != nil {
			return err
		}
		was, before := p.Reached, p.State
		if err := in.apply(&p); err != nil {
			return err
		}
		if err := s.free(ctx, p.AgencyID, before, p.State); err != nil {
			return err
		}
		if !sameValue(was, p.Reached) {
			p.Measured = clock.Now(ctx)
		}
		p.Version = version
		if err := s.updatePriority(ctx, p); err != nil {
			return err
		}
		p.Version++
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "strategy.edit", Kind: "priority", ID: id, Agency: p.AgencyID, Payload: p})
		return err
	})
	return p, err
}

// linkable are the kinds of records that a priority can be linked to.
var linkable = []string{"call", "award", "question"}

// Link ties a call, an award or a question to a priority; doing it twice changes nothing.
// Errors: Invalid for another kind, or for a record that a may not see.
func (s *Service) Link(ctx context.Context, a access.Actor, priorityID, kind, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.editable(ctx, a, priorityID, "strategy.link")
		if err != nil {
			return err
		}
		if f := oneOf("kind", kind, linkable); f != nil {
			return f
		}
		seen, err := s.seen(ctx, a, []link{{kind: kind, id: id}})
		if err != nil {
			return err
		}
		if !seen[link{kind: kind, id: id}] {
			return fault.Field("id", "strategy.link.none")
		}
		if err := s.insertLink(ctx, a, priorityID, kind, id); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "strategy.link", Kind: "priority", ID: priorityID, Agency: p.AgencyID, Payload: map[string]string{"kind": kind, "id": id}})
		return err
	})
}

// Unlink takes a link away.
func (s *Service) Unlink(ctx context.Context, a access.Actor, priorityID, kind, id string) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		p, err := s.editable(ctx, a, priorityID, "strategy.link")
		if err != nil {
			return err
		}
		if err := s.exec(ctx, `DELETE FROM priority_link WHERE priority_id = $1 AND subject_kind = $2 AND subject_id = $3`, priorityID, kind, id); err != nil {
			return err
		}
		_, err = s.Ledger.Append(ctx, a, ledger.Entry{Act: "strategy.unlink", Kind: "priority", ID: priorityID, Agency: p.AgencyID, Payload: map[string]string{"kind": kind, "id": id}})
		return err
	})
}

// LinksOf is the priorities that a record is linked to, for the record's own page.
// The caller has decided that a may see the record.
func (s *Service) LinksOf(ctx context.Context, a access.Actor, kind, id string) ([]Priority, error) {
	all, err := s.linkedTo(ctx, kind, id)
	var out []Priority
	for _, p := range all {
		if p.visible(p.set(a)) {
			out = append(out, p)
		}
	}
	return out, err
}
