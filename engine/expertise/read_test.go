package expertise_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/headwater-platform/headwater/engine/expertise"
)

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ people, texts, want string }{
		{`{"id":"a"}` + "\n" + `{"works":[]}`, "", "line 2: id is empty"},
		{`{"id":"a"}` + "\n\n" + `{"id":"a"}`, "", `line 3: id "a" stands twice`},
		{`{"id":7}`, "", "line 1: id: number where a text is expected"},
		{`{"id":"a","works":[{"title":"x"},{"title":["x"]}]}`, "", "line 1: works.title: array where a text is expected"},
		{`{"id":"a","works":[{"year":2020.5}]}`, "", "line 1: works.year: number 2020.5 where a whole number is expected"},
		{`{"id":"a","works":{}}`, "", "line 1: works: object where a list is expected"},
		{`["a"]`, "", "line 1: array where an object is expected"},
		{`{"id":"a"`, "", "line 1: no JSON object, at byte 9"},
		{"{\"id\":\"a\xff\"}", "", "line 1: not in UTF-8"},
		{"", `{"id":"t"}` + "\n" + `{"id":""}`, "line 2: id is empty"},
		{"", strings.Repeat(`{"id":"t"}`, 2), "line 1: no JSON object, at byte"},
	} {
		corpus := expertise.NewCorpus(false)
		err := corpus.ReadPeople(t.Context(), strings.NewReader(c.people))
		if err == nil {
			err = corpus.ReadTexts(t.Context(), strings.NewReader(c.texts))
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v, want %s", c.people, c.texts, err, c.want)
		}
	}
}

// The first bad line is told, however the lines were dealt out.
func TestFirstError(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 20000 {
		id := fmt.Sprintf("%q", fmt.Sprint("p", i))
		if i == 12345 || i == 15000 {
			id = "null"
		}
		fmt.Fprintf(&b, `{"id":%s,"works":[{"title":"%s"}]}`+"\n", id, strings.Repeat("long ", 20))
	}
	err := expertise.NewCorpus(false).ReadPeople(t.Context(), strings.NewReader(b.String()))
	if err == nil || !strings.HasPrefix(err.Error(), "line 12346: id is empty") {
		t.Error(err)
	}
}

func TestReadStops(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	err := expertise.NewCorpus(false).ReadTexts(t.Context(), iotest.ErrReader(broken))
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

func FuzzReadTexts(f *testing.F) {
	f.Add("\ufeff{\"id\":\"a\",\"title\":\"x\"}\r\n\n{\"id\":\"b\",\"year\":null}")
	f.Add(`{"id":"\ud800","title":"石墨烯"}`)
	f.Fuzz(func(t *testing.T, texts string) {
		c := expertise.NewCorpus(true)
		if err := c.ReadTexts(t.Context(), strings.NewReader(texts)); err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Fatal(err)
		}
	})
}
