package techmap

import (
	"io"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// FuzzImport: whatever tables or fault tree come in, changes that can be made or are refused come out, or a
// fault that says where; nothing else, and no map that cannot be read.
func FuzzImport(f *testing.F) {
	f.Add("nodes.csv", "key,kind,name_en,supplied,threshold,readiness,sealed\nlamp,component,Lamp,yes,0.5,3,no\n")
	f.Add("links.csv", "gate,node,join,k,threshold,input,share\ng,n0,some,2,,n1,\ng,n0,some,2,,n2,\n")
	f.Add("shares.csv", "node,provider,low,high,year,source,confidence\nn1,p0,0.1,,2025,\"a\nb\",high\n")
	f.Add("tracks.csv", "node,indicator,country,year,low,high,source,confidence\nn1,patents,XA,2020,1,2,s,low\nn1,patents,XA,2021,2,2,s,low\n")
	f.Add("providers.csv", "key,name_en,country,owner,site\np9,P,XB,,\n")
	f.Add("model.xml", `<opsa-mef><define-fault-tree name="t"><define-gate name="g"><or><basic-event name="a"/><basic-event name="b"/></or></define-gate></define-fault-tree></opsa-mef>`)
	f.Add(DocumentFile, `{"goal":"n0","nodes":[{"id":"n1","kind":"part","title":"N"},{"id":"n9","kind":"skill","title":{"en":"S","zh":"技"}}],"gates":[{"id":"g","node":"n0","kind":"share","threshold":0.5,"inputs":[{"node":"n9","share":0.6}]}],"shares":[{"node":"n1","provider":"p0","low":0.2,"year":2025,"source":"s","confidence":"low"}],"tracks":[{"node":"n1","indicator":"papers","country":"XA","points":[{"year":2020,"low":1,"high":2}],"source":"s","confidence":"high"}]}`)
	f.Add(DocumentFile, `{"scenarios":[{"id":"s","title":"S","weight":1e999}],"options":[{"id":"o","nodes":["n0",null]}]} x`)
	f.Fuzz(func(t *testing.T, file, text string) {
		g := fuzzed()
		changes, err := taken(g, file, text)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v is no fault of what was sent:\n%s", file, err, text)
			}
			return
		}
		after, err := g.with(changes)
		if err != nil {
			return
		}
		v := View{Map: Map{Home: "XA", Goal: "n0", Threshold: 0.5}, Graph: after}
		if _, err := v.Ask(t.Context(), Assumptions{}); err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: the map cannot be read: %v\n%s", file, err, text)
		}
	})
}

// taken are the changes that a file asks for, by its name.
func taken(g *Graph, file, text string) ([]Change, error) {
	if file == "model.xml" {
		tree, err := readTree(strings.NewReader(text), "")
		if err != nil {
			return nil, err
		}
		tree.year = 2027
		return tree.changes(g)
	}
	if file == DocumentFile {
		d, err := readDocument(strings.NewReader(text))
		if err != nil {
			return nil, err
		}
		changes, _, err := d.changes(g)
		return changes, err
	}
	changes, _, err := g.changes(map[string]io.Reader{file: strings.NewReader(text)})
	return changes, err
}

// fuzzed is a map of three nodes and a provider.
func fuzzed() *Graph {
	g := &Graph{Providers: []Provider{{ID: "p0", Country: "XB"}}, Gates: []Gate{{ID: "g0", NodeID: "n0", Kind: AllOf, Inputs: []Input{{NodeID: "n1"}}}}}
	for _, id := range []string{"n0", "n1", "n2"} {
		g.Nodes = append(g.Nodes, Node{ID: id, Kind: "component", Supplied: true})
	}
	return g
}
