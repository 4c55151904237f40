// Package duplicate finds which of many records say what another says: whole
// passages that stand in both, the same title (in any language that both have), the
// same team.
//
// # Contract
//
// An [Index] holds records; [Index.Find] compares one record with all of them and
// returns those that share something, each with the passages, so that a person can
// decide. Nothing here decides, and no score is a probability.
//
// A passage is found for certain when at least [Sure] words in a row are the same in
// both texts, capitals, diacritics and punctuation aside; shorter ones down to
// [Least] words are shown where something else led to the record. A form of words
// that stands in very many records is no evidence: a hash that more than [Common]
// records keep leads to none of them.
//
// # Method
//
// Texts are winnowed (Schleimer, Wilkerson, Aiken: "Winnowing: local algorithms for
// document fingerprinting", SIGMOD 2003): of the hashes of all runs of k words the
// least of every w neighbours is kept, which finds every common run of k + w - 1
// words and keeps 2/(w + 1) of the hashes. Records that share kept hashes are read
// and compared word by word; common passages are tiled greedily, the longest first
// (Wise: "Running Karp-Rabin matching and greedy string tiling", 1993).
//
// Titles are compared by the weight of the stems that they share over the weight of
// all stems of both (weighted Jaccard), a stem weighing log(1 + N/n) when n of N
// titles have it (Spärck Jones, 1972).
//
// N records of T words take 8·N·T·2/(w+1) bytes for texts, some 90 MB for a million
// titles, and nothing of the texts themselves. A search looks its kept hashes up,
// O(T·log N), and compares at most [Read] records. Those that the searcher may not see take the place of none: as many more
// are asked for.
package duplicate
