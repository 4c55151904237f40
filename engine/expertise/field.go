package expertise

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// field is the latent space: texts of one field lie near to each other in it even
// where they share no word.
type field struct {
	dims   int
	column []int32   // of a term in basis; -1 where the term was not in the sample
	basis  []float32 // dims numbers a column: the right singular vectors
	levels []level
	size   int // of a place: the dimensions of all levels
}

// level is the space cut to its first dimensions. A coarse one tells fields
// apart, a fine one topics.
type level struct {
	dims   int
	white  []float64 // inverse of the Cholesky factor of the spread within people, dims × dims, lower; nil for none
	weight float64   // what its cosine counts
}

const (
	sampledTexts  = 20000 // that the space is learned from
	sampledPeople = 5000  // that whitening is learned from
	textsPerDim   = 10    // a level is used where there are so many texts for each dimension
	spared        = 10    // further dimensions of the search, Halko et al.: 5 or 10
	turns         = 5     // of the power iteration
	softening     = 0.3   // of the whitening, in mean variances
)

var levelDims = []int{5, 10, 20, 40}

// learnField learns the space from an even sample of all texts by a randomised
// singular value decomposition (Halko, Martinsson and Tropp, 2011, algorithm 4.4),
// whose random numbers are always the same.
func (x *Index) learnField(all []*bag) *field {
	f := &field{column: make([]int32, len(x.idf))}
	sample := spread(all, sampledTexts)
	for _, d := range levelDims {
		if len(sample) >= textsPerDim*d {
			f.levels = append(f.levels, level{dims: d})
			f.dims, f.size = d, f.size+d
		}
	}
	if f.dims == 0 {
		return f
	}
	columns := 0
	for i := range f.column {
		f.column[i] = -1
	}
	for _, b := range sample {
		for _, t := range b.terms {
			if f.column[t] < 0 {
				f.column[t] = int32(columns)
				columns++
			}
		}
	}
	f.basis = x.decompose(sample, f.column, columns, f.dims)
	f.whiten(x)
	return f
}

// spread picks at most n of a list, evenly.
func spread[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	out := make([]T, n)
	for i := range out {
		out[i] = list[i*len(list)/n]
	}
	return out
}

// decompose gives the dims greatest right singular vectors of the matrix whose
// rows are the unit vectors of the texts: columns × dims numbers. It takes
// O(turns · words · dims).
func (x *Index) decompose(rows []*bag, column []int32, columns, dims int) []float32 {
	wide := dims + spared
	random := rand.New(rand.NewPCG(1, 2))
	left, right := make([]float64, len(rows)*wide), make([]float64, columns*wide)
	for i := range left {
		left[i] = random.NormFloat64()
	}
	for turn := range turns {
		orthonormal(left, wide)
		clear(right)
		x.multiply(rows, column, wide, func(row, col int, v float64) { floats.AddScaled(right[col:col+wide], v, left[row:row+wide]) })
		if turn < turns-1 {
			clear(left)
			x.multiply(rows, column, wide, func(row, col int, v float64) { floats.AddScaled(left[row:row+wide], v, right[col:col+wide]) })
		}
	}
	// right is the transposed matrix on an orthonormal basis: its own left
	// singular vectors are what is looked for.
	gram := mat.NewSymDense(wide, nil)
	for c := 0; c < len(right); c += wide {
		gram.SymRankOne(gram, 1, mat.NewVecDense(wide, right[c:c+wide]))
	}
	var e mat.EigenSym
	if !e.Factorize(gram, true) {
		panic("expertise: a symmetric matrix of finite numbers has no eigenvalues")
	}
	values := e.Values(nil) // rising
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	out := make([]float32, columns*dims)
	for k := range dims {
		at := wide - 1 - k
		if values[at] < 1e-9*values[wide-1] {
			break // the matrix has no further rank: zeros
		}
		for c := range columns {
			sum := 0.0
			for j := range wide {
				sum += right[c*wide+j] * vectors.At(j, at)
			}
			out[c*dims+k] = float32(sum / math.Sqrt(values[at]))
		}
	}
	return out
}

// multiply walks over the entries of the matrix of texts and words, with the
// places of their rows in matrices of the given width.
func (x *Index) multiply(rows []*bag, column []int32, wide int, do func(row, col int, v float64)) {
	for i, b := range rows {
		for k, t := range b.terms {
			do(i*wide, int(column[t])*wide, float64(b.scale*frequency[b.counts[k]]*x.idf[t]))
		}
	}
}

// orthonormal makes the columns of a matrix orthogonal and of length 1 by Gram
// and Schmidt's way, twice (Giraud, Langou and Rozložník, 2005). A column that the
// others span becomes 0.
func orthonormal(m []float64, wide int) {
	rows := len(m) / wide
	columns := make([][]float64, wide)
	for j := range columns {
		columns[j] = make([]float64, rows)
		for i := range rows {
			columns[j][i] = m[i*wide+j]
		}
	}
	for j, c := range columns {
		before := floats.Norm(c, 2)
		for range 2 {
			for _, d := range columns[:j] {
				floats.AddScaled(c, -floats.Dot(c, d), d)
			}
		}
		length := floats.Norm(c, 2)
		for i := range c {
			if length > 1e-10*before {
				c[i] /= length
			} else {
				c[i] = 0
			}
			m[i*wide+j] = c[i]
		}
	}
}

// near is the inner product of two places.
func near(a, b []float32) float64 {
	return float64(gonum.Implementation{}.Sdot(len(a), a, 1, b, 1))
}

// whiten learns for each level how far the works of one person lie apart.
func (f *field) whiten(x *Index) {
	people := slices.DeleteFunc(slices.Clone(x.people), func(p person) bool { return len(p.works) < 2 })
	people = spread(people, sampledPeople)
	if len(people) == 0 {
		return
	}
	scatter, freedom := make([]*mat.SymDense, len(f.levels)), 0
	for l, v := range f.levels {
		scatter[l] = mat.NewSymDense(v.dims, nil)
	}
	z := make([][]float64, 0, 64)
	for _, p := range people {
		z = z[:0]
		for i := range p.works {
			z = append(z, f.project(x, &p.works[i], make([]float64, f.dims)))
		}
		for _, s := range scatter {
			apart(s, z)
		}
		freedom += len(p.works) - 1
	}
	for l := range f.levels {
		f.levels[l].white = inverseRoot(scatter[l], float64(freedom))
	}
}

// apart adds to scatter how far projected works of one person lie from their mean on a level.
func apart(scatter *mat.SymDense, z [][]float64) {
	n := scatter.SymmetricDim()
	mean := make([]float64, n)
	places := make([][]float64, len(z))
	for i := range z {
		places[i] = unit(slices.Clone(z[i][:n]))
		floats.AddScaled(mean, 1/float64(len(z)), places[i])
	}
	for _, p := range places {
		floats.Sub(p, mean)
		scatter.SymRankOne(scatter, 1, mat.NewVecDense(n, p))
	}
}

// inverseRoot is the inverse of the lower Cholesky factor of scatter / freedom, softened; nil
// where nothing is scattered.
func inverseRoot(scatter *mat.SymDense, freedom float64) []float64 {
	n := scatter.SymmetricDim()
	scatter.ScaleSym(1/freedom, scatter)
	soft := softening * mat.Trace(scatter) / float64(n)
	for i := range n {
		scatter.SetSym(i, i, scatter.At(i, i)+soft)
	}
	var c mat.Cholesky
	if !c.Factorize(scatter) {
		return nil
	}
	var lower, inverse mat.TriDense
	c.LTo(&lower)
	if err := inverse.InverseTri(&lower); err != nil {
		return nil
	}
	out := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			out[i*n+j] = inverse.At(i, j)
		}
	}
	return out
}

// project puts a text on the singular vectors.
func (f *field) project(x *Index, b *bag, into []float64) []float64 {
	clear(into)
	for i, t := range b.terms {
		if c := f.column[t]; c >= 0 {
			v := float64(b.scale * frequency[b.counts[i]] * x.idf[t])
			for k, w := range f.basis[int(c)*f.dims:][:f.dims] {
				into[k] += v * float64(w)
			}
		}
	}
	return into
}

// places are the unit vectors of a text, one for each level.
func (f *field) places(x *Index, b *bag) [][]float64 {
	z := f.project(x, b, make([]float64, f.dims))
	out := make([][]float64, len(f.levels))
	for i, l := range f.levels {
		out[i] = l.place(z)
	}
	return out
}

// place appends to dst where a text lies on all levels: the product of two
// places is their likeness in field.
func (f *field) place(dst []float32, x *Index, b *bag) []float32 {
	for i, p := range f.places(x, b) {
		root := math.Sqrt(f.levels[i].weight)
		for _, v := range p {
			dst = append(dst, float32(root*v))
		}
	}
	return dst
}

// place is the unit vector of a projected text on one level.
func (l level) place(z []float64) []float64 {
	y := unit(slices.Clone(z[:l.dims]))
	if l.white == nil {
		return y
	}
	out := make([]float64, l.dims)
	for i := range out {
		out[i] = floats.Dot(l.white[i*l.dims:i*l.dims+i+1], y[:i+1])
	}
	return unit(out)
}

func unit(v []float64) []float64 {
	if length := floats.Norm(v, 2); length > 0 {
		for i := range v {
			v[i] /= length
		}
	}
	return v
}
