// Package portfolio chooses what to fund: the set of the greatest value that
// keeps every budget and every other limit, with a proof of how good it is.
//
// # Contract
//
// A [Program] holds items with whole values, and rows: linear limits, from below
// and from above, on what is taken. [Solve] returns a choice that keeps all rows, and a bound that no
// such choice exceeds. When the two are equal the choice is best; when the search
// ends without a choice, none keeps all rows. [ReadORLib] reads programs. A [Tail] adds what a
// choice is worth in its worst scenarios. [Decide] does the same for a [Model], in the words
// of those who decide, which [ReadModel] reads.
//
// # Certificate
//
// Floating point proposes, whole numbers decide. Every part of the search space
// that is dropped is dropped by a Lagrangian bound, or a contradiction, computed
// without rounding from the program's own numbers (bound.go); every choice is
// checked row by row in whole numbers. Errors of the simplex tableau cost time,
// never truth.
//
// # Method
//
// A dual simplex method for variables with two bounds works on a dense condensed
// tableau that shrinks as items are decided (simplex.go). Depth-first branch and
// bound with penalties and reduced-cost fixing proves (tree.go); walkers that solve
// neighbourhoods by the same tree find good choices early (walk.go); where all rows are
// budgets a herd of choices is crossed for them to begin at (herd.go). Eight trees,
// eight walkers and the herd work for fixed numbers of operations, then meet and share what
// they have (solve.go), so that equal programs and seeds give equal answers on any
// number of processors of one architecture unless the clock ends the search.
//
// The problem is NP-hard: time is exponential at worst. A node costs some pivots
// of O(rows × undecided items); memory is O(rows × items) for each open node.
package portfolio
