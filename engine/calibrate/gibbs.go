package calibrate

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
)

// conjugate solves the kept block for rhs by conjugate gradients with the
// diagonal as preconditioner (Hestenes and Stiefel, 1952), from the start x, until
// the residual is below tol of the right side's size.
func (t *at) conjugate(rhs, x []float64, tol float64) {
	n := t.kept()
	inverse := t.diagonal()
	for j := range inverse {
		inverse[j] = 1 / inverse[j]
	}
	r, z, p, q := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	t.times(x, q)
	size, rz := 0.0, 0.0
	for j := range n {
		r[j] = rhs[j] - q[j]
		z[j] = inverse[j] * r[j]
		p[j] = z[j]
		rz += r[j] * z[j]
		size += rhs[j] * rhs[j] * inverse[j]
	}
	for range 10 * n {
		if rz <= tol*tol*size {
			return
		}
		t.times(p, q)
		pq := 0.0
		for j := range n {
			pq += p[j] * q[j]
		}
		alpha, next := rz/pq, 0.0
		for j := range n {
			x[j] += alpha * p[j]
			r[j] -= alpha * q[j]
			z[j] = inverse[j] * r[j]
			next += r[j] * z[j]
		}
		beta := next / rz
		rz = next
		for j := range n {
			p[j] = z[j] + beta*p[j]
		}
	}
}

// times puts the kept block, less what side a explains, times u into out.
func (t *at) times(u, out []float64) {
	for j := range out {
		out[j] = t.prior(j) * u[j]
	}
	for i := range t.a {
		from, to := int(t.start[i]), int(t.start[i+1])
		m := 0.0
		for k := from; k < to; k++ {
			m += t.w[k] * t.row(u, k)
		}
		m /= t.da[i]
		for k := from; k < to; k++ {
			t.add(out, k, t.w[k]*(t.row(u, k)-m))
		}
	}
}

// diagonal is the kept block's, less what side a explains.
func (t *at) diagonal() []float64 {
	d := make([]float64, t.kept())
	for j := range d {
		d[j] = t.prior(j)
	}
	for i := range t.a {
		sum, first, samePanel := 0.0, t.panel0(i), true
		for k := int(t.start[i]); k < int(t.start[i+1]); k++ {
			sum += t.w[k]
			d[t.to[k]] += t.w[k] * (1 - t.w[k]/t.da[i])
			samePanel = samePanel && t.panel[k] == first
			if !t.free {
				d[t.b+int(t.panel[k])] += t.w[k]
			}
		}
		d[len(d)-1] += sum * (1 - sum/t.da[i])
		if !t.free && samePanel && sum > 0 {
			d[t.b+int(first)] -= sum * sum / t.da[i]
		}
	}
	return d
}

func (t *at) panel0(i int) int32 {
	if t.start[i] == t.start[i+1] {
		return 0
	}
	return t.panel[t.start[i]]
}

// chain is a Gibbs sampler of effects and standard deviations.
type chain struct {
	space
	now  sds
	mean []float64 // conditional mean of the effects at the last step
	r    *rand.Rand
}

func newChain(s space, seed, number uint64) *chain {
	v := s.most / 4
	c := &chain{space: s, now: sds{noise: math.Sqrt(s.floor * s.most), proposal: v, reviewer: v, panel: v}, r: rand.New(rand.NewPCG(seed, number))}
	if s.fixed > 0 {
		c.now.reviewer = s.fixed
	}
	c.mean = make([]float64, s.a+s.kept())
	return c
}

// precise is how near the conjugate gradients come: far below the noise of draws.
const precise = 1e-5

// step draws the effects given the standard deviations, as their mean and a
// deviation from it, then the standard deviations given mean + deviation.
func (c *chain) step() (mean, deviation []float64) {
	t := c.at(c.now)
	rhs := t.right(t.y)
	t.reduce(rhs)
	kept := slices.Clone(c.mean[t.a:])
	t.conjugate(rhs[t.a:], kept, precise)
	copy(rhs[t.a:], kept)
	t.back(rhs)
	c.mean = rhs

	x := t.noise(c.r)
	t.reduce(x)
	kept = make([]float64, t.kept())
	t.conjugate(x[t.a:], kept, precise)
	copy(x[t.a:], kept)
	t.back(x)

	whole := make([]float64, len(x))
	for j := range x {
		whole[j] = c.mean[j] + x[j]
	}
	c.now.proposal = c.slice(c.now.proposal, c.most*least, squares(c.proposals(whole)))
	if c.fixed == 0 {
		c.now.reviewer = c.slice(c.now.reviewer, c.most*least, squares(c.reviewers(whole)))
	}
	if !c.free {
		c.now.panel = c.slice(c.now.panel, c.most*least, squares(c.panelEffects(whole)))
	}
	c.now.noise = c.slice(c.now.noise, c.floor, c.residuals(whole))
	return c.mean, x
}

// scatter is n terms of variance s² + extra whose squares sum to sum.
type scatter struct{ n, sum, extra float64 }

func squares(x []float64) []scatter {
	s := scatter{n: float64(len(x))}
	for _, v := range x {
		s.sum += v * v
	}
	return []scatter{s}
}

// residuals gathers the reviews by their extra variance; there are few of them.
func (c *chain) residuals(x []float64) []scatter {
	var all []scatter
	at := map[float64]int{}
	for k, y := range c.y {
		i, ok := at[c.extra[k]]
		if !ok {
			i = len(all)
			at[c.extra[k]] = i
			all = append(all, scatter{extra: c.extra[k]})
		}
		e := y - c.fit(x, k)
		all[i].n++
		all[i].sum += e * e
	}
	return all
}

// slice draws a standard deviation above floor given the terms that it scatters, by
// slice sampling of its logarithm from now (Neal, Slice sampling, Annals of Statistics 31,
// 2003: stepping out, then shrinkage).
func (c *chain) slice(now, floor float64, terms []scatter) float64 {
	low, top := math.Log(floor), math.Log(c.most)
	log := func(l float64) float64 {
		if l >= top || l < low {
			return math.Inf(-1)
		}
		v := l // uniform standard deviation, in its logarithm
		for _, t := range terms {
			variance := math.Exp(2*l) + t.extra
			v -= (t.n*math.Log(variance) + t.sum/variance) / 2
		}
		return v
	}
	x := math.Log(now)
	level := log(x) - c.r.ExpFloat64()
	n := 0.0
	for _, t := range terms {
		n += t.n
	}
	width := 3 / math.Sqrt(2*n+1)
	left := x - width*c.r.Float64()
	right := left + width
	for log(left) > level {
		left -= width
	}
	for log(right) > level {
		right += width
	}
	for {
		l := left + (right-left)*c.r.Float64()
		if log(l) >= level {
			return math.Exp(l)
		}
		if l < x {
			left = l
		} else {
			right = l
		}
	}
}

const (
	chains = 2  // a number of its own, so that results do not depend on the machine
	burnIn = 60 // steps; a chain is close after some ten
)

// sample runs the chains and hands each step to take, numbered.
func (s space) sample(ctx context.Context, pairs int, seed uint64, take func(int, sds, []float64, []float64)) error {
	return inParallel(chains, func(number int) error {
		c := newChain(s, seed, uint64(number))
		for i := number - chains*burnIn; i < pairs; i += chains {
			if err := ctx.Err(); err != nil {
				return err
			}
			v := c.now
			mean, deviation := c.step()
			if i >= 0 {
				take(i, v, mean, deviation)
			}
		}
		return nil
	})
}
