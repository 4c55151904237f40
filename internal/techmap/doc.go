// Package techmap is technology maps: what a goal needs, what that needs in turn, who
// supplies it, and what therefore stops it. A map's findings are the minimal cut sets of
// its graph (engine/cutset), asked by provider, owner, country or site; research
// questions are written from them, and what became of those stays in sight.
//
// A map is kept by an agency: its officers and analysts write it. What it says is kept
// as dated items, so that it can be read as known on any day. Who may not see a sealed
// node gets the map as if it had never been drawn: everything that is counted, ranked,
// drawn or exported is made from what the viewer may see.
package techmap
