// Package openpsa reads fault trees in the Open-PSA Model Exchange Format
// (Epstein, Rauzy: Open-PSA Model Exchange Format, version 2.0d, 2008).
//
// Read are fault trees and components with public and private names, gates with
// nested formulas (and, or, not, xor, atleast, cardinality, nand, nor, iff, imply,
// constants, house events), basic events with numbers, parameters and arithmetic, and
// event trees, of which each sequence becomes a gate named "tree.sequence". The
// attribute "cost" of a basic event is its cost, 1 where there is none. What else the format knows
// (common-cause groups, rules, distributions) is refused by name and place rather than
// left out.
//
// Nothing here can ask for more memory than a fixed multiple of the file's length.
package openpsa
