package assign_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/headwater-platform/headwater/engine/assign"
)

// nested is a small instance whose caps mostly hold somebody back.
func nested(rnd *rand.Rand) (p assign.Problem) {
	for range 2 + rnd.IntN(3) {
		p.Demand = append(p.Demand, 1+rnd.IntN(2))
	}
	for range 2 + rnd.IntN(3) {
		low := rnd.IntN(4) / 3
		p.Load = append(p.Load, assign.Load{Min: low, Max: low + 1 + rnd.IntN(2)})
	}
	for i := range p.Demand {
		for j := range p.Load {
			if len(p.Edges) < 12 && rnd.IntN(6) > 0 {
				p.Edges = append(p.Edges, assign.Edge{Proposal: i, Reviewer: j, Cost: int64(rnd.IntN(9)) * 125_000, Fixed: rnd.IntN(20) == 0, Forbidden: rnd.IntN(20) == 0})
			}
		}
	}
	for k := range p.Edges {
		p.Edges[k].Forbidden = p.Edges[k].Forbidden && !p.Edges[k].Fixed
	}
	n := 1 + rnd.IntN(3)
	for g := range n {
		within := g + 1 + rnd.IntN(3)
		if within >= n {
			within = -1
		}
		p.Groups = append(p.Groups, assign.Group{Max: 1 + rnd.IntN(3), Within: within})
	}
	for range p.Load {
		p.Member = append(p.Member, rnd.IntN(n+1)-1)
	}
	return p
}

// With caps the answer is the best of all sets, and stays it while pairs fall away.
func TestCapsAgainstAllSets(t *testing.T) {
	t.Parallel()
	binds, partly, repaired := 0, 0, 0
	for seed := range uint64(3000) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		p := nested(rnd)
		plan, err := assign.Open(t.Context(), p)
		if errors.Is(err, assign.ErrProblem) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for step := range 3 {
			q, s := plan.Problem(), plan.Solution()
			if best := brute(q); q.Value(s) != best {
				t.Fatalf("seed %d, %d pairs gone: value %d, by trying all %d", seed, step, q.Value(s), best)
			}
			if err := assign.Verify(q, s); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			if slices.ContainsFunc(s.GroupPrice, func(price int64) bool { return price < 0 }) {
				binds++
			}
			if !s.Complete() {
				partly++
			}
			free := slices.DeleteFunc(slices.Clone(s.Chosen), func(k int) bool { return q.Edges[k].Fixed })
			if len(free) == 0 {
				break
			}
			repair, best, err := plan.Repair(free[rnd.IntN(len(free))], step)
			if err != nil {
				t.Fatal(err)
			}
			set := uint(0)
			for _, k := range after(s.Chosen, repair) {
				set |= 1 << k
			}
			if unmet, cost, ok := value(plan.Problem(), set); !ok || worth(q, unmet, cost) != repair.Value || repair.Value < best.Value {
				t.Fatalf("seed %d: the repair %+v is no assignment, or not worth what it says (best %d)", seed, repair, best.Value)
			}
			repaired++
		}
	}
	if binds < 3000 || partly < 1500 || repaired < 4000 {
		t.Errorf("caps bind %d times, places stay empty %d times, %d repairs: the test shows little", binds, partly, repaired)
	}
}

// The other aims keep caps too, with bounds that hold.
func TestCapsFairAndRandom(t *testing.T) {
	t.Parallel()
	optimal, mixed := 0, 0
	for seed := range uint64(1500) {
		p := nested(rand.New(rand.NewPCG(seed, 2)))
		f, err := assign.Fairest(t.Context(), p)
		if errors.Is(err, assign.ErrProblem) {
			continue
		}
		if err == nil {
			err = assign.VerifyFair(p, f)
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		set := uint(0)
		for _, k := range f.Chosen {
			set |= 1 << k
		}
		unmet, _, ok := value(p, set)
		if top := bruteFair(p, unmet); !ok || f.Bound < top || top < f.Min || f.Optimal() && top != f.Min {
			t.Fatalf("seed %d: bound %d, by trying all %d, found %d", seed, f.Bound, top, f.Min)
		}
		if f.Optimal() {
			optimal++
		}
		l, err := assign.Randomize(t.Context(), p, 1, 2)
		if err == nil {
			err = assign.VerifyLottery(p, l)
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for draw := range uint64(4) {
			set := uint(0)
			for _, k := range l.Draw(p, draw) {
				set |= 1 << k
			}
			if _, _, ok := value(p, set); !ok {
				t.Fatalf("seed %d: drew %b, which is no assignment", seed, set)
			}
		}
		if slices.Contains(l.Share, 1) && slices.ContainsFunc(l.GroupPrice, func(price int64) bool { return price < 0 }) {
			mixed++
		}
	}
	if optimal < 600 || mixed < 300 {
		t.Errorf("%d proven best, %d draws under a cap that binds: the test shows little", optimal, mixed)
	}
}

// Caps that cut a crowded instance by a third are met exactly, by the same answer whatever the order of people.
func TestCapsCrowded(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		p := crowded(400, 150, 20, 3, 12, seed)
		institutes(&p, 10, 90)
		s, err := assign.Solve(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		if err := assign.Verify(p, s); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		if !slices.ContainsFunc(s.GroupPrice, func(price int64) bool { return price < 0 }) {
			t.Errorf("seed %d: no cap binds: the test shows nothing", seed)
		}
	}
}

// institutes puts reviewers who stand near to each other into groups of so many with a cap, and every five groups into one.
func institutes(p *assign.Problem, size, most int) {
	n := (len(p.Load) + size - 1) / size
	for g := range n {
		p.Groups = append(p.Groups, assign.Group{Max: most, Within: n + g/5})
	}
	for range (n + 4) / 5 {
		p.Groups = append(p.Groups, assign.Group{Max: 4 * most, Within: -1})
	}
	for r := range p.Load {
		p.Member = append(p.Member, r/size)
	}
}

func TestNestRefuses(t *testing.T) {
	t.Parallel()
	_, _, _, err := assign.Nest([][]int{{0, 1, 2}, {3}, {2, 3}}, []int{1, 1, 1}, 4)
	var cross *assign.CrossError
	if !errors.As(err, &cross) || *cross != (assign.CrossError{A: 2, B: 0}) {
		t.Errorf("got %v", err)
	}
}
