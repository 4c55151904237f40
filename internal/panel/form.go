package panel

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/cluster"
	"github.com/headwater-platform/headwater/engine/expertise"
	"github.com/headwater-platform/headwater/engine/token"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/clock"
	"github.com/headwater-platform/headwater/internal/platform/db"
	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/review"
	"github.com/headwater-platform/headwater/internal/scheme"
)

// Plan says how panels are to be made.
type Plan struct {
	Groups int // panels
	Most   int // proposals of one at most; 0: a fifth above the mean
}

// mostPanels bounds what a plan may ask for.
const mostPanels = 100

// Formed says what came of it.
type Formed struct {
	Panels         int
	Within, Chance float64 // mean likeness of proposals of one panel, and of any two
}

// Form makes panels of the proposals of a call's stage that nobody has put into one:
// what is alike comes together, and sizes are kept. Nothing is told to anybody.
// Errors: Invalid for a plan that the proposals do not fit; Conflict without proposals.
func (s *Service) Form(ctx context.Context, a access.Actor, callID, stage string, plan Plan) (Formed, error) {
	board, err := s.Board(ctx, a, callID, stage)
	if err != nil {
		return Formed{}, err
	}
	if err := rules.Check(a, "panel.form", board.Set, rules["panel.list"]); err != nil {
		return Formed{}, err
	}
	n := len(board.Free)
	switch {
	case n == 0:
		return Formed{}, fault.New(fault.Conflict, "panel.form.none")
	case plan.Groups < 1 || plan.Groups > min(n, mostPanels):
		return Formed{}, fault.Field("groups", "panel.form.groups", min(n, mostPanels))
	case plan.Most != 0 && plan.Most*plan.Groups < n:
		return Formed{}, fault.Field("most", "panel.form.most", (n+plan.Groups-1)/plan.Groups)
	}
	texts, err := s.texts(ctx, board.Free)
	if err != nil {
		return Formed{}, err
	}
	d, err := divide(ctx, texts, plan)
	if err != nil {
		return Formed{}, err
	}
	return Formed{plan.Groups, d.Within, d.Chance}, s.found(ctx, a, board, texts, d)
}

// text is what a proposal says, for finding out what it is about.
type text struct {
	Line
	language, title, body string
}

// texts reads what proposals say, as those read it who do not know who wrote it.
func (s *Service) texts(ctx context.Context, lines []Line) ([]text, error) {
	out := make([]text, len(lines))
	for i, l := range lines {
		v, err := s.Proposals.ReviewText(ctx, l.ID, scheme.Dual)
		if err != nil {
			return nil, err
		}
		out[i] = text{Line: l, language: v.Language, title: l.Title}
		var parts []string
		if v.Form != nil {
			for _, f := range v.Form.Ordered() {
				var said string
				if (f.Widget == "longtext" || f.Widget == "text") && json.Unmarshal(v.Answers[f.Name].Value, &said) == nil {
					parts = append(parts, said)
				}
			}
		}
		out[i].body = strings.Join(parts, "\n")
	}
	return out, nil
}

func (t text) work() expertise.Work {
	return expertise.Work{ID: t.ID, Title: t.title, Abstract: t.body}
}

// likeness is how near each text is to what each person works on: texts × people, 0 to 1.
func likeness(ctx context.Context, people []expertise.Person, texts []text) ([][]float64, error) {
	c, works := expertise.NewCorpus(false), make([]expertise.Work, len(texts))
	for i, t := range texts {
		works[i] = t.work()
	}
	if err := errors.Join(c.AddPeople(ctx, people), c.AddTexts(ctx, works)); err != nil {
		return nil, err
	}
	x, err := c.Index(ctx, expertise.Options{})
	if err != nil {
		return nil, err
	}
	scorer, out := x.Scorer(), make([][]float64, len(texts))
	for i := range out {
		out[i] = scorer.Score(make([]float64, 0, len(people)), i)
	}
	return out, nil
}

// divide puts texts that are alike together.
func divide(ctx context.Context, texts []text, plan Plan) (cluster.Division, error) {
	authors := make([]expertise.Person, len(texts))
	for i, t := range texts {
		authors[i] = expertise.Person{ID: t.ID, Works: []expertise.Work{t.work()}}
	}
	like, err := likeness(ctx, authors, texts)
	if err != nil {
		return cluster.Division{}, err
	}
	for i := range like { // a text as what is judged, and as what somebody wrote, weighs a little differently
		for j := range i {
			s := (like[i][j] + like[j][i]) / 2
			like[i][j], like[j][i] = s, s
		}
	}
	n, k := len(texts), plan.Groups
	most := plan.Most
	if most == 0 {
		most = max((n+k-1)/k, n*6/(5*k))
	}
	return cluster.Divide(ctx, cluster.Problem{Likeness: like, Groups: k, Least: min(n/k, max(1, n*4/(5*k))), Most: most})
}

// found stores panels as they were divided.
func (s *Service) found(ctx context.Context, a access.Actor, board Board, texts []text, d cluster.Division) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		b, err := s.about(ctx, board.CallID, board.Stage)
		if err != nil {
			return err
		}
		groups := slices.Max(d.Group) + 1
		for g := range groups {
			p := Panel{ID: clock.ID(ctx), CallID: board.CallID, Stage: board.Stage, State: Planned, Topics: telling(texts, d.Group, g)}
			p.Name = review.Alias(len(board.Panels) + g)
			if err := s.insert(ctx, p); err != nil {
				return err
			}
			n := 0
			for i, t := range texts {
				if d.Group[i] != g {
					continue
				}
				n++
				err := s.insertItem(ctx, p, Item{ID: clock.ID(ctx), ProposalID: t.ID, Place: n})
				if db.IsUnique(err) { // somebody else made panels meanwhile
					return fault.New(fault.Conflict, "fault.stale")
				}
				if err != nil {
					return err
				}
			}
			if err := s.record(ctx, a, "panel.form", p.ID, b, map[string]any{"call": p.CallID, "stage": p.Stage, "name": p.Name, "proposals": n}); err != nil {
				return err
			}
		}
		return nil
	})
}

// topicsShown is how many words tell what a panel is about.
const topicsShown = 8

// telling are the words that tell a group from the others: those with the largest
// n·ln((n/N)/(m/M)), where n of the N texts of the group and m of all M have the word
// (its part in the mutual information of word and group: Manning, Raghavan and Schütze,
// 2008, section 13.5.1). A word of one text only tells nothing of a group.
func telling(texts []text, group []int, g int) []string {
	here, all, shown := map[string]int{}, map[string]int{}, map[string]string{}
	size := 0
	for i, t := range texts {
		seen := map[string]bool{}
		for _, w := range token.Words(t.title+"\n"+t.body, t.language) {
			form := w.Forms[len(w.Forms)-1]
			if len(form) < 4 || seen[form] {
				continue
			}
			seen[form] = true
			if all[form]++; group[i] == g {
				here[form]++
				if shown[form] == "" {
					shown[form] = strings.ToLower((t.title + "\n" + t.body)[w.Start:w.End])
				}
			}
		}
		if group[i] == g {
			size++
		}
	}
	weight := func(form string) float64 {
		n := float64(here[form])
		return n * math.Log(n/float64(size)*float64(len(texts))/float64(all[form]))
	}
	var forms []string
	for form, n := range here {
		if n > 1 && (n < size || all[form] < len(texts)) {
			forms = append(forms, form)
		}
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(weight(b), weight(a)), strings.Compare(a, b)) })
	out := make([]string, 0, topicsShown)
	for _, form := range forms[:min(len(forms), topicsShown)] {
		out = append(out, shown[form])
	}
	return out
}

// topics are the words of a panel, for staff with the members who work on them.
func (s *Service) topics(ctx context.Context, a access.Actor, r *room, v View) ([]Topic, error) {
	words := r.topics(a)
	if !v.Set.Any(overseers) || len(words) == 0 {
		return nil, nil
	}
	works, err := s.works(ctx, r.members)
	if err != nil {
		return nil, err
	}
	out := make([]Topic, len(words))
	for i, word := range words {
		out[i].Word = word
		for _, m := range r.members {
			if worksOn(works[m.Person], word) {
				out[i].Known = append(out[i].Known, m.Name)
			}
		}
	}
	return out, nil
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(w string) bool { return slices.Contains(b, w) })
}

// works are what tells of the work of each member, as far as they show it.
func (s *Service) works(ctx context.Context, members []Member) (map[string][]expertise.Work, error) {
	people := make([]string, len(members))
	for i, m := range members {
		people[i] = m.Person
	}
	writings, err := s.Register.Writings(ctx, people)
	out := make(map[string][]expertise.Work, len(writings))
	for person, list := range writings {
		for _, w := range list {
			out[person] = append(out[person], expertise.Work{ID: cmp.Or(w.ID, "profile"), Title: w.Title, Abstract: w.Abstract, Year: w.Year})
		}
	}
	return out, err
}

// arrange runs an officer's act on a panel.
func (s *Service) arrange(ctx context.Context, a access.Actor, id, act string, do func(ctx context.Context, r *room, b about) (payload any, err error)) error {
	return work.Do(ctx, s.DB, func(ctx context.Context) error {
		_, r, b, err := s.enter(ctx, a, id, "panel.form")
		if err != nil {
			return err
		}
		payload, err := do(ctx, r, b)
		if err != nil {
			return err
		}
		return s.record(ctx, a, act, id, b, payload)
	})
}

// Settle names a panel and says when it meets, and how many members without a conflict must be there when an item is
// closed (0: none is asked for).
func (s *Service) Settle(ctx context.Context, a access.Actor, id, name string, meets time.Time, quorum int) error {
	return s.arrange(ctx, a, id, "panel.settle", func(ctx context.Context, r *room, _ about) (any, error) {
		if name = strings.TrimSpace(name); name == "" {
			return nil, fault.Field("name", "fault.required")
		}
		if quorum < 0 || quorum > mostQuorum {
			return nil, fault.Field("quorum", "panel.quorum.range", mostQuorum)
		}
		r.panel.Name, r.panel.MeetsAt, r.panel.Quorum = name, meets, quorum
		return map[string]any{"name": name, "meets": meets, "quorum": quorum}, s.update(ctx, r.panel)
	})
}

const mostQuorum = 100

// Seat puts somebody into a panel, or changes what they are in it.
// Errors: Invalid for who is not known.
func (s *Service) Seat(ctx context.Context, a access.Actor, id, person, role string) error {
	return s.arrange(ctx, a, id, "panel.seat", func(ctx context.Context, r *room, b about) (any, error) {
		if role != Chair && role != Seat {
			return nil, fault.Field("role", "fault.choice")
		}
		names, err := s.Register.Names(ctx, []string{person}, nil)
		if err != nil {
			return nil, err
		}
		if names[person] == "" {
			return nil, fault.Field("person", "review.pool.unknown")
		}
		known := slices.ContainsFunc(r.members, func(m Member) bool { return m.Person == person })
		for _, m := range r.members { // a panel has one chair
			if role == Chair && m.Role == Chair && m.Person != person {
				if err := s.seat(ctx, id, m.Person, Seat); err != nil {
					return nil, err
				}
			}
		}
		if err := s.seat(ctx, id, person, role); err != nil {
			return nil, err
		}
		if !known {
			err = s.tellSeated(ctx, r.panel, b, person)
		}
		return map[string]string{"person": person, "role": role}, err
	})
}

// Unseat takes somebody out of a panel; what they reported on is left without rapporteur.
func (s *Service) Unseat(ctx context.Context, a access.Actor, id, person string) error {
	return s.arrange(ctx, a, id, "panel.unseat", func(ctx context.Context, r *room, _ about) (any, error) {
		if !slices.ContainsFunc(r.members, func(m Member) bool { return m.Person == person }) {
			return nil, fault.Missing()
		}
		for _, i := range r.items {
			if i.Rapporteur == person {
				i.Rapporteur = ""
				if err := s.updateItem(ctx, i); err != nil {
					return nil, err
				}
			}
		}
		return map[string]string{"person": person}, s.unseat(ctx, id, person)
	})
}

// Order is the place and the rapporteur of an item as an officer sets them.
type Order struct {
	Item       string
	Place      int
	Rapporteur string // person; "" for none
}

// Arrange sets the order of the day and who reports on what; items that the list does not
// name stay in their order.
// Errors: Invalid for a rapporteur who is no member or has a conflict.
func (s *Service) Arrange(ctx context.Context, a access.Actor, id string, list []Order) error {
	return s.arrange(ctx, a, id, "panel.arrange", func(ctx context.Context, r *room, _ about) (any, error) {
		var faults []*fault.Error
		moved := map[string]int{}
		for _, o := range list {
			at := slices.IndexFunc(r.items, func(i Item) bool { return i.ID == o.Item })
			if at < 0 || r.hides(a, r.items[at]) {
				return nil, fault.Missing()
			}
			i := &r.items[at]
			if o.Rapporteur != "" && !slices.ContainsFunc(r.fit(*i), func(m Member) bool { return m.Person == o.Rapporteur }) {
				faults = append(faults, fault.Field("rapporteur_"+o.Item, "panel.rapporteur.not", i.Number))
			}
			i.Rapporteur = o.Rapporteur
			if o.Place != i.Place {
				moved[o.Item] = o.Place
			}
		}
		if err := fault.Join(faults...); err != nil {
			return nil, err
		}
		for n := range r.items { // what moves up comes before the one that stands there, what moves down behind it
			i := &r.items[n]
			to, moves := moved[i.ID]
			switch {
			case !moves:
				i.Place *= 2
			case to < i.Place:
				i.Place = 2*to - 1
			default:
				i.Place = 2*to + 1
			}
		}
		return list, s.place(ctx, r.items)
	})
}

// place numbers items by their places and stores them.
func (s *Service) place(ctx context.Context, items []Item) error {
	slices.SortStableFunc(items, byPlace)
	for n, i := range items {
		i.Place = n + 1
		if err := s.updateItem(ctx, i); err != nil {
			return err
		}
	}
	return nil
}

// Rapporteurs gives every item the member who knows most about it, as evenly as can be
// and nobody with a conflict: package assign on the likeness of what they work on.
func (s *Service) Rapporteurs(ctx context.Context, a access.Actor, id string) error {
	v, err := s.Get(ctx, a, id)
	if err != nil {
		return err
	}
	lines := make([]Line, len(v.Lines))
	for i, l := range v.Lines {
		lines[i] = Line{ID: l.proposal, Title: l.Title}
	}
	texts, err := s.texts(ctx, lines)
	if err != nil {
		return err
	}
	return s.arrange(ctx, a, id, "panel.rapporteurs", func(ctx context.Context, r *room, _ about) (any, error) {
		if len(r.members) == 0 || len(texts) == 0 {
			return nil, fault.New(fault.Conflict, "panel.empty")
		}
		like, err := s.known(ctx, r.members, texts)
		if err != nil {
			return nil, err
		}
		each := (len(r.items) + len(r.members) - 1) / len(r.members)
		p := assign.Problem{Demand: make([]int, len(r.items)), Load: make([]assign.Load, len(r.members))}
		for m := range r.members {
			p.Load[m] = assign.Load{Max: each + 1}
		}
		for i := range r.items {
			p.Demand[i] = 1
			at := slices.IndexFunc(texts, func(t text) bool { return t.ID == r.items[i].ProposalID })
			for m, member := range r.members {
				if at >= 0 && !r.barred(r.items[i], member.Person) {
					p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: m, Cost: int64(math.Round(assign.Scale * (1 - like[at][m])))})
				}
			}
		}
		sol, err := assign.Solve(ctx, p)
		if err != nil {
			return nil, err
		}
		for i := range r.items {
			r.items[i].Rapporteur = ""
		}
		for _, e := range sol.Chosen {
			r.items[p.Edges[e].Proposal].Rapporteur = r.members[p.Edges[e].Reviewer].Person
		}
		return map[string]int{"given": len(sol.Chosen)}, s.place(ctx, r.items)
	})
}

// known is how near each text is to what each member works on: texts × members, 0 to 1.
func (s *Service) known(ctx context.Context, members []Member, texts []text) ([][]float64, error) {
	works, err := s.works(ctx, members)
	if err != nil {
		return nil, err
	}
	people := make([]expertise.Person, len(members))
	for i, m := range members {
		people[i] = expertise.Person{ID: m.Person, Works: works[m.Person]}
	}
	return likeness(ctx, people, texts)
}

// Move puts an item into another panel of the same stage.
// Errors: Conflict once somebody said something about it.
func (s *Service) Move(ctx context.Context, a access.Actor, id, item, to string) error {
	return s.arrange(ctx, a, id, "panel.move", func(ctx context.Context, r *room, _ about) (any, error) {
		other, err := s.byID(ctx, to)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(r.items, func(i Item) bool { return i.ID == item })
		if at < 0 || r.hides(a, r.items[at]) || other.CallID != r.panel.CallID || other.Stage != r.panel.Stage {
			return nil, fault.Missing()
		}
		said, err := s.comments(ctx, item)
		if err != nil {
			return nil, err
		}
		if len(said) > 0 || slices.ContainsFunc(r.scores, func(v Score) bool { return v.Item == item }) {
			return nil, fault.New(fault.Conflict, "panel.move.said", r.items[at].Number)
		}
		i := r.items[at]
		i.Place = last
		if err := s.moveItem(ctx, i, to); err != nil {
			return nil, err
		}
		return map[string]string{"item": item, "to": to}, s.touch(ctx, to)
	})
}

// last is a place behind all others, until the order of the day is set.
const last = 10_000

// Dissolve takes a panel apart in which nobody has said anything yet.
func (s *Service) Dissolve(ctx context.Context, a access.Actor, id string) error {
	return s.arrange(ctx, a, id, "panel.dissolve", func(ctx context.Context, r *room, _ about) (any, error) {
		used, err := s.used(ctx, id)
		if err != nil {
			return nil, err
		}
		if used || r.panel.State != Planned {
			return nil, fault.New(fault.Conflict, "panel.dissolve.used")
		}
		return map[string]string{"name": r.panel.Name}, s.dissolve(ctx, id)
	})
}
