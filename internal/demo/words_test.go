package demo

import (
	"strings"
	"testing"
)

func TestWordsAreWhole(t *testing.T) {
	t.Parallel()
	v := words()
	if len(v.topics) < 36 || len(v.Given) < 90 || len(v.Family) < 90 || len(v.Places) < 25 {
		t.Fatalf("%d topics, %d given names, %d family names, %d places", len(v.topics), len(v.Given), len(v.Family), len(v.Places))
	}
	for _, topic := range v.topics {
		if len(topic.Methods) != 3 || topic.Thing == "" || topic.Part == "" || topic.Trouble == "" || topic.Idea == "" ||
			topic.Measure == "" || topic.Use == "" || topic.Works == "" {
			t.Errorf("topic %q lacks words: %+v", topic.Thing, topic)
		}
	}
}

func TestTextIsDeterministicAndVaried(t *testing.T) {
	t.Parallel()
	titles := map[string]bool{}
	a, b := &dice{7}, &dice{7}
	for i := range 400 {
		topic := words().topics[i%len(words().topics)]
		one, two := write(a, topic), write(b, topic)
		if one.title != two.title || one.aim != two.aim {
			t.Fatalf("the same dice gave %q and %q", one.title, two.title)
		}
		if strings.Contains(one.summary+one.aim+one.approach+one.risks, "%!") {
			t.Fatalf("broken text: %+v", one)
		}
		titles[one.title] = true
	}
	if len(titles) < 150 {
		t.Errorf("only %d different titles in 400", len(titles))
	}
}
