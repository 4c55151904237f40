package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExpertiseScore(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"people.jsonl": `{"id":"ada","works":[{"id":"1","title":"Cathodes for batteries"}]}` + "\n" + `{"id":"bo","works":[{"id":"2","title":"Rivers"},{"id":"2","title":"Rivers"}]}` + "\n" + `{"id":"none","works":[]}`,
		"texts.jsonl":  `{"id":"x","title":"Battery cathodes"}` + "\n" + `{"id":"y","title":"A river","abstract":"Rivers and batteries"}`,
		"bad.jsonl":    `{"id":"ada","works":[{"title":5}]}`,
	})
	out := filepath.Join(dir, "scores.csv")
	score := func(people string, args ...string) (int, string, string) {
		code, _, errs := headwater(t, append([]string{"expertise", "score", "--people", filepath.Join(dir, people), "--texts", filepath.Join(dir, "texts.jsonl"), "--out", out}, args...)...)
		text, err := os.ReadFile(out)
		if err != nil && code == 0 {
			t.Fatal(err)
		}
		return code, string(text), errs
	}
	_, all, _ := score("people.jsonl")
	rows := strings.Split(all, "\n")
	if len(rows) != 8 || rows[0] != "text,person,score" || !strings.HasPrefix(rows[1], "x,ada,0.") || !strings.HasPrefix(rows[6], "y,none,0.") {
		t.Errorf("every pair: %s", all)
	}
	_, best, _ := score("people.jsonl", "--top=1", "--explain")
	rows = strings.Split(best, "\n")
	if len(rows) != 4 || rows[0] != "text,person,score,terms" || !strings.HasPrefix(rows[1], "x,ada,") || !strings.HasSuffix(rows[1], ",cathod batteri") || !strings.HasPrefix(rows[2], "y,bo,") || !strings.HasSuffix(rows[2], ",river") {
		t.Errorf("the best, explained: %s", best)
	}
	_, both, _ := score("people.jsonl", "--top=1", "--top-texts=1")
	if rows = strings.Split(both, "\n"); len(rows) != 5 || !strings.HasPrefix(rows[2], "x,none,") && !strings.HasPrefix(rows[3], "y,none,") {
		t.Errorf("the best text of a person without works too: %s", both)
	}
	if code, _, errs := score("people.jsonl", "--top-texts=1"); code != 1 || !strings.Contains(errs, "--top-texts 1: a whole number from 0 is expected, and --top beside it") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := score("bad.jsonl"); code != 1 || !strings.Contains(errs, "bad.jsonl: line 1: works.title: number where a text is expected") {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, errs := score("people.jsonl", "--top=-1"); code != 1 || !strings.Contains(errs, "--top -1: a whole number from 0 is expected") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// A service on this machine blends in where the network is allowed; where it fails, the scores are those of words, and that is said.
func TestExpertiseEmbedding(t *testing.T) {
	t.Parallel()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Input []string }
		_ = json.NewDecoder(r.Body).Decode(&in) // an empty list is answered by one
		var list []string
		for i, text := range in.Input {
			alike := 0.1
			if strings.Contains(text, "atter") || strings.Contains(text, "电池") {
				alike = 1
			}
			list = append(list, fmt.Sprintf(`{"index":%d,"embedding":[%g,%g]}`, i, alike, 1.1-alike))
		}
		fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(list, ","))
	}))
	t.Cleanup(service.Close)
	dir := files(t, map[string]string{
		"people.jsonl": `{"id":"ada","works":[{"id":"1","title":"Batteries"}]}` + "\n" + `{"id":"bo","works":[{"id":"2","title":"Rivers"}]}`,
		"texts.jsonl":  `{"id":"x","title":"电池"}` + "\n" + `{"id":"y","title":"A river"}`,
	})
	score := func(args ...string) (string, string) {
		out := filepath.Join(dir, "scores.csv")
		code, _, errs := headwater(t, append([]string{"expertise", "score", "--people", filepath.Join(dir, "people.jsonl"), "--texts", filepath.Join(dir, "texts.jsonl"), "--out", out}, args...)...)
		text, err := os.ReadFile(out)
		if code != 0 || err != nil {
			t.Fatalf("exit %d: %s %v", code, errs, err)
		}
		return string(text), errs
	}
	words, _ := score()
	blended, said := score("--embedding="+service.URL, "--reach=127.0.0.0/8")
	best, _ := score("--embedding="+service.URL, "--reach=127.0.0.0/8", "--top=1")
	if words == blended || said != "" || !strings.Contains(best, "x,ada,") || !strings.Contains(best, "y,bo,") {
		t.Errorf("words:\n%s\nblended (%s):\n%s\nbest:\n%s", words, said, blended, best)
	}
	if unreached, said := score("--embedding=" + service.URL); unreached != words || !strings.Contains(said, "The scores are of words alone: embedding: ") || !strings.Contains(said, "is not a public address") {
		t.Errorf("not allowed to be reached: %s\n%s", said, unreached)
	}
}
