package table_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/headwater-platform/headwater/engine/assign"
	"github.com/headwater-platform/headwater/engine/assign/table"
)

func Example() {
	t, err := table.Read(strings.NewReader("person,score,text\nada,0.9,a\nbob,0.50,a\nada,0.7,b\n"), 1, assign.Load{Max: 2})
	if err == nil {
		err = t.Loads(strings.NewReader("person,min,max\nbob,1,1\n"))
	}
	if err == nil {
		err = t.Conflicts(strings.NewReader("text,person\nb,bob\n"))
	}
	if err != nil {
		panic(err)
	}
	fmt.Println(t.Proposals, t.People, t.Load, t.Edges[1].Cost)
	if err := t.Write(os.Stdout, []int{1, 2}); err != nil {
		panic(err)
	}
	// Output:
	// [a b] [ada bob] [{0 2} {1 1}] 500000
	// proposal,person,score
	// a,bob,0.5
	// b,ada,0.7
}

// An organisation within a country, and one outside it.
func ExampleTable_Cap() {
	t, err := table.Read(strings.NewReader("proposal,person,score\na,ada,0.9\na,bob,0.5\na,eve,0.7\n"), 1, assign.Load{Max: 2})
	if err == nil {
		err = t.Cap(strings.NewReader("person,group\nada,Tarn\nada,Ilvane\nbob,Ilvane\neve,Brask\nnobody,Tarn\n"), strings.NewReader("group,max\nIlvane,3\nTarn,1\nBrask,2\n"))
	}
	fmt.Println(t.Caps, t.Groups, t.Member, err)
	// Output: [Brask Tarn Ilvane] [{2 -1} {1 2} {3 -1}] [1 2 0] <nil>
}

func TestCapRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ groups, caps, want string }{
		{"person,group\nada,A\nbob,A\nbob,B\neve,B\n", "group,max\nA,1\nB,2\n", `groups: "A" and "B" share people, and neither holds all of the other: caps must nest`},
		{"person,group\nada,A\nbob,A\nada,B\nbob,C\nada,C\n", "group,max\nA,1\nB,2\nC,3\n", ""},
		{"person\n", "group,max\n", "groups: line 1: no column group, only person"},
		{"person,group\n", "group,max\nA,-1\n", `caps: line 2: "-1": a whole number from 0 is expected`},
		{"person,group\n", "group,max\nA,1\n", `caps: nobody is in group "A"`},
		{"person,group\n", "group,max\nA,1\nA,2\n", `caps: line 3: a second cap for "A"`},
	} {
		x, err := table.Read(strings.NewReader("proposal,person,score\na,ada,1\na,bob,1\na,eve,1\n"), 1, assign.Load{Max: 1})
		if err == nil {
			err = x.Cap(strings.NewReader(c.groups), strings.NewReader(c.caps))
		}
		if (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ scores, loads, conflicts, want string }{
		{"a,b\n", "", "", "scores: line 1: no column proposal or text, only a, b"},
		{"proposal,person,score\na,b\n", "", "", "record on line 2: wrong number of fields"},
		{"proposal,person,score\n\"a\nb\",c,0.1\na,b,x\n", "", "", `scores: line 4: assign: a score is a decimal between 0 and 1, not "x"`},
		{"proposal,person,score\n", "person,min,max\na,2,1\n", "", "loads: line 2: a load of 2 to 1: the least is over the most"},
		{"proposal,person,score\n", "person,min,max\na,-1,1\n", "", `loads: line 2: "-1": a whole number from 0 is expected`},
		{"proposal,person,score\n", "person,min,max\n", "person\n", "conflicts: line 1: no column proposal or text, only person"},
	} {
		x, err := table.Read(strings.NewReader(c.scores), 1, assign.Load{Max: 1})
		if err == nil {
			err = x.Loads(strings.NewReader(c.loads))
		}
		if err == nil {
			err = x.Conflicts(strings.NewReader(c.conflicts))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want %q, got %v", c.want, err)
		}
	}
}

// Whatever comes in is refused or becomes a problem of which only a pair that is
// given twice can be wrong.
func FuzzRead(f *testing.F) {
	f.Add("proposal,person,score\na,b,0.5\n")
	f.Add("\ufefftext,person,score\n\"a\"\"\",b,1\nc,b,.25\n")
	f.Fuzz(func(t *testing.T, text string) {
		x, err := table.Read(strings.NewReader(text), 2, assign.Load{Max: 3})
		if err != nil {
			return
		}
		if err := x.Check(); err != nil && !strings.Contains(err.Error(), "given twice") {
			t.Fatal(err)
		}
		if len(x.Load) != len(x.People) || len(x.Demand) != len(x.Proposals) {
			t.Fatalf("%d of %d, %d of %d", len(x.Load), len(x.People), len(x.Demand), len(x.Proposals))
		}
	})
}
