package assign

import (
	"context"
)

// The auction brings prices near to the best ones, so that the exact search that
// follows has little left to do. It keeps ε-complementary slackness: no proposal
// holds a pair that is dearer by more than ε than one it could have instead, and
// nobody with room to spare asks a price. An assignment for which that holds
// costs at most ε a place more than the best (Bertsekas, 1979).
//
// Two kinds of rounds alternate at each ε. In [flow.bid] proposals with an empty
// place offer; where all places of a reviewer are taken, the lowest offer makes
// way and prices rise (Bertsekas and Castañon, 1989, for several like places). In
// [flow.ask] reviewers with room left lower their price until somebody comes or
// it is zero (the reverse auction of Bertsekas, Castañon and Tsaknakis, 1993).
// Without the second kind a smaller ε could not start from the prices of the
// larger one, as nobody would come for places that had become too dear.
const (
	firstStep = Scale / 500
	largeStep = Scale / 10
	lastStep  = Scale / 10_000 // from here the exact search is faster
	// With places cut into parts, where every pair is in a lottery by halves and the like, it is so after the first steps: up to
	// three times with few different scores, nowhere more than a fifth slower.
	lastStepOfLottery = firstStep
	// For an answer within a gap smaller steps are worth while.
	lastStepOfGap = Scale / 250_000
	// Where one proposal in so many wants places that stay empty, lift would have
	// to search through all that stand in their way again for each step that the
	// prices are apart from exact ones.
	lastStepOfMany = 1
	many           = 100
	shrink         = 6
	// More than this is not offered: what cannot be filled for so much is mostly
	// not to be filled at all, and is left for lift.
	mostValue = 8 * Scale
)

// auction runs until ε is at most last, less where many places stay empty, or
// until done says that it suffices.
func (f *flow) auction(ctx context.Context, last int64, done func() bool) error {
	for step := int64(firstStep); ; step = max(last, step/shrink) {
		f.release(step)
		raised, err := f.bid(ctx, step)
		if err != nil {
			return err
		}
		step = raised
		if err := f.ask(ctx, step); err != nil {
			return err
		}
		if done() || step <= lastStepOfMany || step <= last && many*f.wanted() < f.np {
			return nil
		}
		if step <= last {
			last = lastStepOfMany
		}
	}
}

// wanted is how many places are empty.
func (f *flow) wanted() (n int) {
	for _, want := range f.want {
		n += int(want)
	}
	return n
}

// release lets go of the pairs that are not near enough to the best for a new step.
func (f *flow) release(step int64) {
	for r := range f.price {
		f.price[r] = max(0, f.price[r]-step)
	}
	for i := range f.np {
		f.let(i, f.next(i)+step)
	}
	for r, price := range f.price {
		for i := range f.taken(r) {
			f.taken(r)[i].price = price
		}
	}
}

// let gives up what a proposal holds at more than a value.
func (f *flow) let(proposal int, most int64) {
	for k := f.first[proposal]; k < f.first[proposal+1]; k++ {
		if pair := f.pairs[k]; pair&held != 0 && costOf(pair)+f.price[reviewerOf(pair)] > most {
			f.drop(k)
			f.want[proposal]++
		}
	}
}

// offer is a pair and what it costs a proposal at today's prices, or is worth to a reviewer.
type offer struct {
	link
	value int64
}

// bid lets all proposals offer until none can or will. Where offers go back and
// forth by small steps the step is doubled; the one in use at the end is returned.
func (f *flow) bid(ctx context.Context, step int64) (int64, error) {
	var queue []int32
	places := 0
	for i, n := range f.want {
		if n > 0 {
			queue = append(queue, int32(i))
		}
		places += int(f.need[i])
	}
	var best []offer
	bids := 0
	for head := 0; head < len(queue); head++ {
		if head >= f.np+1024 { // the queue is in use behind the head only
			queue = queue[:copy(queue, queue[head:])]
			head = 0
		}
		bids++
		if bids&0xfff == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if bids%(2*places) == 0 && step < largeStep {
			step *= 2
		}
		i := queue[head]
		best = f.cheapest(i, best[:0])
		limit := f.unmet
		n := int(f.want[i])
		if len(best) > n {
			limit = min(limit, best[n].value)
			best = best[:n]
		}
		for _, o := range best {
			if o.value >= f.unmet {
				break
			}
			f.want[i]--
			if out, ok := f.take(o.link, limit-costOf(f.pairs[o.slot])+step); ok {
				queue = append(queue, out)
			}
		}
	}
	return step, nil
}

// cheapest lists the pairs that a proposal wants, and one more, cheapest first.
func (f *flow) cheapest(proposal int32, best []offer) []offer {
	most := int(f.want[proposal]) + 1
	for k := f.first[proposal]; k < f.first[proposal+1]; k++ {
		pair := f.pairs[k]
		if len(best) == most && costOf(pair) >= best[most-1].value {
			break // as no price is under zero here
		}
		if pair&held == 0 {
			best = insert(best, most, offer{link{k, proposal}, costOf(pair) + f.price[reviewerOf(pair)]})
		}
	}
	return best
}

// insert keeps the least offers, least first, the earlier of equal ones first.
func insert(list []offer, most int, o offer) []offer {
	switch {
	case len(list) < most:
		list = append(list, o)
	case o.value < list[most-1].value:
		list[most-1] = o
	default:
		return list
	}
	i := len(list) - 1
	for ; i > 0 && list[i-1].value > o.value; i-- {
		list[i] = list[i-1]
	}
	list[i] = o
	return list
}

// take gives a place to an offer, that of the lowest one where none is free; out
// is the proposal that made way.
func (f *flow) take(l link, price int64) (out int32, ok bool) {
	r := reviewerOf(f.pairs[l.slot])
	if f.load[r] < f.room(r) {
		f.hold(l, price)
	} else {
		list := f.taken(r)
		low := 0
		for i := range list {
			if list[i].price < list[low].price {
				low = i
			}
		}
		gone := list[low]
		list[low] = place{l, price}
		f.pairs[gone.slot] &^= held
		f.pairs[l.slot] |= held
		f.want[gone.proposal]++
		out, ok = gone.proposal, true
	}
	if f.load[r] == f.max[r] {
		list := f.taken(r)
		low := list[0].price
		for _, t := range list {
			low = min(low, t.price)
		}
		f.price[r] = max(f.price[r], low)
	}
	return out, ok
}

// ask lets reviewers with room lower their price. A value in f.value is what the
// dearest pair of a proposal costs it; prices only fall here, so an old one is
// too high at most, and is made new when it would decide.
func (f *flow) ask(ctx context.Context, step int64) error {
	var queue []int32
	for r := f.nr - 1; r >= 0; r-- {
		if f.spare(r) {
			queue = append(queue, int32(r))
		}
	}
	if len(queue) == 0 {
		return nil
	}
	f.byReviewer()
	for i := range f.np {
		_, f.value[i] = f.worst(int32(i))
	}
	var best []offer
	for n := 1; len(queue) > 0; n++ {
		if n&0xfff == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r := int(queue[len(queue)-1])
		if !f.spare(r) {
			queue = queue[:len(queue)-1]
			continue
		}
		free := int(f.max[r] - f.load[r])
		best = f.dearest(r, free+1, best[:0])
		price := int64(0)
		if len(best) > free {
			price = max(0, -best[free].value-step)
			best = best[:free]
		}
		f.price[r] = min(f.price[r], price)
		for _, o := range best {
			if -o.value > step {
				if from := f.move(o.link, f.price[r]); from >= 0 && f.spare(from) {
					queue = append(queue, int32(from))
				}
			}
		}
	}
	return nil
}

// spare reports whether a reviewer with room asks a price.
func (f *flow) spare(r int) bool { return f.price[r] > 0 && f.load[r] < f.max[r] }

// dearest lists the pairs for which most would be paid to a reviewer, with the
// negative of that as their value.
func (f *flow) dearest(r, most int, best []offer) []offer {
	for _, l := range f.links(r) {
		pair := f.pairs[l.slot]
		if pair&held != 0 {
			continue
		}
		least := int64(0)
		if len(best) == most {
			least = -best[most-1].value
		}
		if f.value[l.proposal]-costOf(pair) <= least {
			continue
		}
		_, f.value[l.proposal] = f.worst(l.proposal)
		if pays := f.value[l.proposal] - costOf(pair); pays > least {
			best = insert(best, most, offer{l, -pays})
		}
	}
	return best
}

// move takes a pair instead of the proposal's dearest and returns the reviewer
// who loses it, −1 where a place was empty.
func (f *flow) move(l link, price int64) (from int) {
	slot, _ := f.worst(l.proposal)
	from = -1
	if slot >= 0 {
		from = reviewerOf(f.pairs[slot])
		f.drop(slot)
	} else {
		f.want[l.proposal]--
	}
	f.hold(l, price)
	_, f.value[l.proposal] = f.worst(l.proposal)
	return from
}

// dual is the bound that follows from the prices alone: every proposal takes
// what is cheapest, and reviewers earn what their places would cost.
func (f *flow) dual() int64 {
	sum := int64(0)
	var best []offer
	for i, n := range f.need {
		best = best[:0]
		for k := f.first[i]; k < f.first[i+1] && n > 0; k++ {
			pair := f.pairs[k]
			if !f.signed && len(best) == int(n) && costOf(pair) >= best[n-1].value {
				break
			}
			best = insert(best, int(n), offer{link{k, int32(i)}, costOf(pair) + f.price[reviewerOf(pair)]})
		}
		for _, o := range best {
			sum += min(o.value, f.unmet)
		}
		sum += f.unmet * int64(int(n)-len(best))
	}
	for r, price := range f.price {
		n := f.max[r]
		if price < 0 {
			n = f.min[r]
		}
		sum -= price * int64(n)
	}
	return sum
}
