// Package cluster divides things of which it is known how alike they are into groups
// of bounded size, so that what is alike comes together.
//
// # Contract
//
// [Divide] takes the likeness of every pair, from 0 to 1, and how many groups of how
// many things are wanted. Every thing comes into exactly one group, every group keeps
// its bounds, and equal input gives equal groups. What is sought is the largest sum
// over things of their mean likeness to the others of their group; the answer is a
// good one, not proven to be the best (the problem is NP-hard). It says how alike things
// are within groups and how alike they would be if chance had divided them.
//
// # Method
//
// Constrained k-means (Bradley, Bennett and Demiriz: "Constrained k-means clustering",
// Microsoft Research MSR-TR-2000-65, 2000) on likeness instead of coordinates (kernel
// k-means: Schölkopf, Smola and Müller, 1998): groups begin from things that are far
// from each other (Gonzalez, 1985); then, again and again, each thing goes to the group
// to whose members it is likest, all of them at once and under the bounds of size, which is
// a transport problem that package assign solves exactly; it ends when the sum rises
// no more. This is done from several beginnings, and the best is kept.
//
// A round takes O(n²) for n things and k groups, and the transport problem of n·k pairs.
package cluster
