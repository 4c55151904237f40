// Package cutset finds what brings a system down: all minimal cut sets of a graph of
// gates over basic events, exactly.
//
// # Contract
//
// A [Model] joins events by gates: and, or, at least k, not, exclusive or, and shares
// (the input fails when what is left of its supply falls below a threshold). Gates may
// need each other in loops, which mean their least fixpoint; see [Model.Loops]. A cut
// set is a set of events which, occurring alone, make the top true; a minimal one holds
// no smaller one. [Analyze] finds them all, without listing them: [Analysis] then tells
// their number, exactly, by order; the exact probability of the top; the best of them
// by order, probability or cost; every one as a stream; a uniform sample; single points
// of failure; the importance of each event; the most damaging set under a limit. With
// [Options.Paths] it does the same for minimal path sets, of which the cheapest is what
// to harden ([Harden]). [Model.Why] proves a cut set gate by gate, from the model alone.
//
// Models with negations are not coherent: an event may also prevent the top. What is
// listed then are the minimal sets that suffice when nothing else occurs, which are
// the minimal cut sets of the coherent hull, and [Analysis.Coherent] says so. The
// probability is that of the model itself.
//
// There is no hidden limit: no order above which sets are left out, no probability
// below which they are dropped. A model whose diagrams exceed the limit on their nodes
// is refused with [ErrTooLarge]; [Bound] then proves bounds on both sides.
//
// # Method
//
// The model becomes a hash-consed graph of and, or and xor nodes (compile.go,
// threshold.go), is simplified (simplify.go, absorb.go) and cut into modules that
// share no event with the rest (module.go: Dutuit and Rauzy, 1996). Each module
// becomes a binary decision diagram with complement edges (bdd.go: Bryant, 1986; Brace,
// Rudell and Bryant, 1990), in several orders of its variables under a growing budget
// of nodes (order.go, solve.go), improved by sifting where none does (sift.go: Rudell,
// 1993), and its minimal solutions a zero-suppressed diagram
// (zdd.go: Minato, 1993; Rauzy, 1993). Answers are sums over the nodes of the diagrams.
//
// # Determinism
//
// Equal models give equal answers on every machine: budgets count nodes, not seconds.
package cutset
