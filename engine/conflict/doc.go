// Package conflict finds who must not review what: rules over facts about people,
// organisations, works and teams, each conflict with its period and its evidence.
//
// # Contract
//
// [Facts] say what is known; [New] checks and indexes them; [Finder.Of] gives the conflicts of one
// proposal on one day under a scheme's rules, in a fixed order: for each reviewer and rule
// the evidence that is surest and, of equally sure ones, lasts longest. A conflict is hard or soft as
// its rule is. What rests on a name alone has a confidence below 1: it is possible,
// and a person has to settle it. [Finder.Among] asks about some
// reviewers only, before they are invited. Facts that change make a new Finder.
//
// [Cycles] finds applicants who would review each other in twos or threes.
//
// # Method
//
// No pair is looked at that nothing joins: an applicant leads to works, teams,
// organisations and ties, and these to people. Finding takes time in proportion to what
// is found; the index some 16 bytes for each author of each work. Names from unmatched
// text meet people through a hash of family name and initial ([Match]).
package conflict
