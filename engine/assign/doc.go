// Package assign gives proposals to reviewers so that the total score is the
// highest possible, exactly.
//
// # Contract
//
// A [Problem] names how many reviews each proposal needs, how many each
// reviewer takes at least and at most, and which pairs are possible at which
// cost (see [CostOf]). All limits hold together: there is no first round that
// later rounds have to live with. [Solve] returns an assignment that
//
//  1. leaves as few places as possible unmet, counting reviews that a proposal
//     lacks and reviews that a reviewer lacks to the minimum alike, and
//  2. among these has the least cost, that is the highest total score.
//
// (The two kinds of missing places never compete: each is as small as it can
// be by itself, as in Mendelsohn and Dulmage, 1958; but for where a cap holds both back.)
//
// Caps on what the people of a group take together (an organisation, a country, a career stage)
// are part of the problem as long as they nest, see [Group]: a flow through a tree, exact with prices like the rest. When places stay unmet the
// solution also says why, by sets of proposals whose possible reviewers have
// too little room, or of reviewers for whom there is too little work: the
// condition of Hall (1935) in the form of Gale (1957) and Hoffman (1960).
//
// # Other objectives
//
// [Fairest] serves the worst served proposal as well as it can, then the next;
// that is hard in general, so it comes with a bound that may be above what it
// found. [Randomize] finds the best lottery in which no pair is surer than a
// limit, and draws from it. A [Plan] is kept best while people decline. [Problem]
// may name a cost of empty places instead of filling as many as there can be.
//
// # Certificate
//
// The solution carries a price for each proposal and each reviewer and the
// bound that follows from them by duality of linear programming (Gale, Kuhn and
// Tucker, 1951). [Verify] shares no code with the search: it proves from the
// problem and the solution alone, in one pass over the edges, that the
// assignment keeps all limits and that nothing better exists. [VerifyBound],
// [VerifyFair] and [VerifyLottery] do so for the other answers.
//
// # Method
//
// An auction in both directions with steps that shrink (see auction.go) brings
// the prices near to the best ones; shortest paths from every place that is then
// still astray (paths.go) finish exactly, whatever the auction left. Minimum
// loads and unmet places are arcs with their own costs, so that one run settles
// everything. Caps come after the auction, which does not know them: where many pairs are over a
// cap, the time is that of as many paths (caps.go). [Approximate] stops at a proven gap instead. At worst the paths
// need O(D·E·log V) for D the sum of the demands, E edges and V proposals and
// reviewers; the auction is there so that they need next to nothing. Memory is
// some 60 bytes an edge, the problem's own included.
//
// # Determinism
//
// Equal problems give equal solutions on every machine: costs are integers,
// ties are broken by index, and the order of Problem.Edges does not matter for
// which pairs are chosen.
package assign
