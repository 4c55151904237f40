package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/fault"
)

// TestWhatGoesStale: a need that nobody confirmed and a value that nobody
// measured wait for who can say, and for nobody else; answering ends the wait.
func TestWhatGoesStale(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.account("yun", "", access.Grant{Role: access.Analyst, Scope: access.Agency("arc")})
		w.account("viktor", "", access.Grant{Role: access.Transfer, Scope: access.Organisation("brask")})
		ines, officer, yun, viktor := w.visitor("ines"), w.visitor("officer"), w.visitor("yun"), w.visitor("viktor")
		need := ines.ask("POST", "/needs", values("title_en", "A kiln without gas", "body_en", "We fire with gas.", "measure_en", "A week without.", "organisation", "brask"), 303)
		goal := officer.ask("POST", "/priorities", values("agency", "arc", "title_en", "Heat without fire", "metric_en", "kilns", "unit", "pcs", "target", "10", "reached", "4", "state", "active"), 303)
		for _, v := range []visitor{ines, viktor, yun} {
			v.lacks("/home", need, goal)
		}

		w.now.Advance(366 * 24 * time.Hour)
		ines, viktor, yun = w.visitor("ines"), w.visitor("viktor"), w.visitor("yun")
		mira := w.visitor("mira")
		ines.ask("GET", "/home", nil, 200, need, "A kiln without gas” still stand?")
		viktor.ask("GET", "/home", nil, 200, need)
		mira.lacks("/home", need, goal)
		mira.lacks(need, "It still stands")
		mira.ask("POST", need+"/confirm", nil, 403)
		viktor.ask("GET", need, nil, 200, "Next: say whether this need still stands")
		viktor.ask("POST", need+"/confirm", nil, 303)
		ines.lacks("/home", need)
		ines.ask("POST", need+"/end", values("state", "met", "why", "We fire with power.", "version", "1"), 303)
		w.refused(w.Strategy.ConfirmNeed(w.ctx, w.actor["ines"], strings.TrimPrefix(need, "/needs/")), fault.Conflict, "confirming what is over")

		yun.ask("GET", "/home", nil, 200, goal, "Write the latest value of 1: kilns")
		ines.lacks(goal, "Write a new value")
		ines.ask("POST", goal+"/measure", values("version", "1", "reached", "9", "source", "x"), 403)
		yun.ask("POST", goal+"/measure", values("version", "1", "reached", "7"), 422, "Fill this in", `value="7"`)
		yun.ask("POST", goal+"/measure", values("version", "9", "reached", "7", "source", "Survey"), 422)
		yun.ask("POST", goal+"/measure", values("version", "1", "reached", "7", "source", "Survey of kilns"), 303)
		yun.ask("GET", goal, nil, 200, "70 %")
		yun.lacks("/home", goal)
		w.whole()
	})
}

// TestLedgerCheckWaits: the check of the ledger waits for auditors until one was made.
func TestLedgerCheckWaits(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		auditor := w.visitor("auditor")
		auditor.ask("GET", "/home", nil, 200, "Check the ledger", "No auditor has checked it yet")
		w.visitor("officer").lacks("/home", "Check the ledger")
		_, err := w.Ledger.Sequence(w.ctx)
		w.must(err)
		auditor.ask("POST", "/ledger/verify", nil, 200, "Nothing was altered")
		auditor.lacks("/home", "Check the ledger")
		auditor.ask("GET", "/ledger", nil, 200, "Last checked on")
		w.now.Advance(29 * 24 * time.Hour)
		w.visitor("auditor").ask("GET", "/home", nil, 200, "Check the ledger", "Last checked on")
	})
}

// lacks expects a page without some words.
func (v visitor) lacks(path string, words ...string) {
	v.w.t.Helper()
	body := v.body(path)
	for _, word := range words {
		if strings.Contains(body, word) {
			v.w.t.Errorf("%s says %q", path, word)
		}
	}
}
